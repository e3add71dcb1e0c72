package io.kvlane.router.config;

import io.kvlane.locality.admission.CacheGuard;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set about a router. The keys, their defaults and their ranges are
 * described in {@code kvlane-router.yaml} beside this class's package; {@link ConfigLoader} reads
 * such a file.
 */
public record RouterConfig(
    String region,
    Identity router,
    Listener listen,
    Admin admin,
    @Range(min = 0, max = 256) int eventLoops,
    Cluster cluster,
    List<Pool> pools,
    Index index,
    Limits limits,
    Queue queue,
    Timeouts timeouts,
    Retry retry,
    Sse sse,
    Affinity routing,
    Engine engine,
    Link link,
    Access access,
    List<Tenant> tenants,
    Policies policies,
    Telemetry telemetry) {

  /** What holds where nothing is configured. */
  public static final RouterConfig DEFAULTS =
      new RouterConfig(
          "local",
          new Identity("router-1"),
          new Listener("127.0.0.1", 8100),
          new Admin(
              "127.0.0.1",
              9100,
              50,
              List.of(),
              new Tls("", "", ""),
              new Oidc(
                  "",
                  "",
                  "",
                  "roles",
                  "kvlane-",
                  "kvlane_tenants",
                  "kvlane_regions",
                  Duration.ofSeconds(30),
                  "")),
          0,
          new Cluster("kvlane", "127.0.0.1", 5701, Discovery.STATIC, List.of(), "", "", "", ""),
          List.of(),
          new Index(256L << 20, 64),
          new Limits(
              64L << 20,
              512L << 20,
              1L << 20,
              32 << 10,
              8 << 10,
              4096,
              256,
              16_384,
              Duration.ofSeconds(30),
              Duration.ofSeconds(75)),
          new Queue(1024, Duration.ofSeconds(30)),
          new Timeouts(
              Duration.ofSeconds(1),
              Duration.ofSeconds(120),
              Duration.ofMinutes(10),
              Duration.ofSeconds(60),
              Duration.ofSeconds(120),
              Duration.ofSeconds(4),
              Duration.ofSeconds(30)),
          new Retry(3),
          new Sse(Duration.ZERO),
          new Affinity(false),
          new Engine(Secret.NONE),
          new Link(
              "127.0.0.1",
              7100,
              "",
              "",
              "",
              Forward.WORTH,
              Failover.NEAREST,
              new Digest(true, Duration.ofMillis(400), 4, 1_000_000, 64L << 20),
              List.of()),
          new Access(true),
          List.of(),
          new Policies("", "", new Store("", "", "", ""), Duration.ofMillis(200), true),
          new Telemetry(
              true,
              new Evidence(4096, 16L << 20),
              new Traces("", Secret.NONE, 10, Duration.ofSeconds(10)),
              List.of()));

  /** This router among the region's. */
  public record Identity(String id) {}

  /** Where to listen; port 0 takes any free one. */
  public record Listener(String host, @Range(min = 0, max = 65_535) int port) {}

  /**
   * The listener for operators.
   *
   * @param requestsPerSecond that one key may ask for in the long run
   * @param oidc whose tokens are keys as well
   */
  public record Admin(
      String host,
      @Range(min = 0, max = 65_535) int port,
      @Range(min = 1, max = 1_000_000) int requestsPerSecond,
      List<AdminKey> keys,
      Tls tls,
      Oidc oidc) {}

  /**
   * What a listener shows.
   *
   * @param certificate file of its certificate, PEM; empty for no TLS
   * @param key file of its private key
   * @param trust file of the authorities that other routers' certificates are from
   */
  public record Tls(@Empty String certificate, @Empty String key, @Empty String trust) {
    /** Whether there is TLS at all. */
    public boolean enabled() {
      return !certificate.isEmpty();
    }
  }

  /**
   * An OpenID provider.
   *
   * @param issuer as its tokens say it; empty for none
   * @param audience whom its tokens have to be for
   * @param keys URL of its JSON Web Key Set, empty to ask its discovery document
   * @param roleClaim what says the role
   * @param rolePrefix what stands before the role's name there
   * @param tenantsClaim what limits a token to some tenants
   * @param regionsClaim what limits a token to some regions
   * @param leeway by how much its clock may differ
   * @param trust file of the authorities that its certificate is from, PEM; empty for those that
   *     this machine trusts
   */
  public record Oidc(
      @Empty String issuer,
      @Empty String audience,
      @Empty String keys,
      String roleClaim,
      @Empty String rolePrefix,
      String tenantsClaim,
      String regionsClaim,
      @Range(min = 0, max = 300_000) Duration leeway,
      @Empty String trust) {
    /** Whether there is a provider at all. */
    public boolean enabled() {
      return !issuer.isEmpty();
    }
  }

  /**
   * Who may use the admin API.
   *
   * @param id its name, for logs
   * @param hash SHA-256 of the key, in hex
   * @param tenants whose policies it is for, empty for all
   * @param regions in which it may give orders, empty for all
   * @param expires when it ends, in ISO 8601; empty for never
   */
  public record AdminKey(
      @Required String id,
      @Required String hash,
      Role role,
      List<String> tenants,
      List<String> regions,
      @Empty String expires) {
    /** What holds where a key leaves a field out. */
    public static final AdminKey DEFAULTS =
        new AdminKey("", "", Role.VIEWER, List.of(), List.of(), "");
  }

  /** What an admin key may do. */
  public enum Role {
    VIEWER,
    OPERATOR,
    ADMIN
  }

  /**
   * The region's Hazelcast cluster, of which this router is a member.
   *
   * @param host this router's address, or a name for it
   * @param members for {@code static}: addresses of members
   * @param service for {@code dns}: a name whose addresses are those of the members; for {@code
   *     kubernetes}: the name of a service of theirs
   * @param namespace for {@code kubernetes}: the service's, empty for that of this pod
   * @param cell for {@code aws}: what their tag says
   * @param awsRegion for {@code aws}: where they are, empty for where this machine is
   */
  public record Cluster(
      String name,
      String host,
      @Range(min = 1, max = 65_535) int port,
      Discovery discovery,
      List<String> members,
      @Empty String service,
      @Empty String namespace,
      @Empty String cell,
      @Empty String awsRegion) {}

  /** How members of a cluster find each other. */
  public enum Discovery {
    STATIC,
    DNS,
    KUBERNETES,
    AWS
  }

  /** Replicas that serve one model. */
  public record Pool(
      @Required String model,
      Keys keySpace,
      @Range(min = 16, max = 65_536) int chunkBytes,
      @Range(min = 1, max = 100_000) int maxRequestsPerReplica,
      CacheGuard.When guardCaches,
      Tokenize tokenize) {
    /** What holds where a pool leaves a key out. */
    public static final Pool DEFAULTS =
        new Pool(
            "",
            Keys.TOKENS,
            256,
            320,
            CacheGuard.When.AFTER_LOSS,
            new Tokenize(Duration.ofMillis(50), 1024));
  }

  /** What a pool's keys are made of. */
  public enum Keys {
    TOKENS,
    TEXT
  }

  /** Asking the engine for token ids. */
  public record Tokenize(
      @Range(min = 1, max = 10_000) Duration timeout,
      @Range(min = 0, max = 10_000_000) int cacheEntries) {}

  /** The locality index. */
  public record Index(
      @Bytes @Range(min = 1 << 20, max = 1L << 40) long maxBytes,
      @Range(min = 1, max = 4_096) int maxReplicas) {}

  /** What a client may ask of one router. */
  public record Limits(
      @Bytes @Range(min = 1024, max = 1L << 30) long maxBodyBytes,
      @Bytes @Range(min = 1024, max = 1L << 40) long maxBufferedBytes,
      @Bytes @Range(min = 0, max = 1L << 30) long maxHeldAnswerBytes,
      @Bytes @Range(min = 1024, max = 1L << 20) int maxHeaderBytes,
      @Bytes @Range(min = 256, max = 1L << 20) int maxRequestLineBytes,
      @Range(min = 1, max = 1_000_000) int maxMessages,
      @Range(min = 8, max = 1000) int maxDepth,
      @Range(min = 1, max = 1_000_000) int maxConnections,
      @Range(min = 1, max = 3_600_000) Duration bodyTimeout,
      @Range(min = 1, max = 3_600_000) Duration idleConnection) {}

  /** Requests that wait because the model's replicas are full. */
  public record Queue(
      @Range(min = 0, max = 1_000_000) int length,
      @Range(min = 1, max = 3_600_000) Duration timeout) {}

  /** How long to wait for whom. */
  public record Timeouts(
      @Range(min = 1, max = 600_000) Duration connect,
      @Range(min = 1, max = 86_400_000) Duration firstByte,
      @Range(min = 1, max = 86_400_000) Duration answer,
      @Range(min = 1, max = 86_400_000) Duration idle,
      @Range(min = 1, max = 86_400_000) Duration slowClient,
      @Range(min = 1000, max = 3_600_000) Duration keepAlive,
      @Range(min = 0, max = 3_600_000) Duration drain) {}

  /** Attempts at distinct replicas, the first included. */
  public record Retry(@Range(min = 1, max = 10) int attempts) {}

  /** Event streams. */
  public record Sse(@Range(min = 0, max = 3_600_000) Duration keepAlive) {}

  /** What clients may say about routing. */
  public record Affinity(boolean allowAffinityOff) {}

  /** What all engines have in common. */
  public record Engine(Secret apiKey) {}

  /**
   * The link to the other regions' routers.
   *
   * @param certificate file of this region's certificate, PEM; empty for no link
   */
  public record Link(
      String host,
      @Range(min = 0, max = 65_535) int port,
      @Empty String certificate,
      @Empty String key,
      @Empty String trust,
      Forward forward,
      Failover failover,
      Digest digest,
      List<OtherRegion> regions) {
    /** Whether there are other regions at all. */
    public boolean enabled() {
      return !certificate.isEmpty();
    }

    /** The same with other regions. */
    Link withRegions(List<OtherRegion> others) {
      return new Link(host, port, certificate, key, trust, forward, failover, digest, others);
    }
  }

  /**
   * What the regions tell each other of their caches.
   *
   * @param enabled whether this router asks for that of the others
   * @param every how often to ask
   * @param sample of how many blocks this region's own tells one, a power of two
   * @param maxBlocks that this region's own may consist of
   * @param maxBytes memory for those of the others
   */
  public record Digest(
      boolean enabled,
      @Range(min = 20, max = 10_000) Duration every,
      @Range(min = 1, max = 1_024) int sample,
      @Range(min = 1_000, max = 100_000_000) int maxBlocks,
      @Bytes @Range(min = 1 << 20, max = 1L << 40) long maxBytes) {}

  /** When a request is sent to another region although this one could serve it. */
  public enum Forward {
    /** Never. */
    NEVER,
    /** When that is worth the round trip. */
    WORTH
  }

  /** Which region stands in for one that is lost or full. */
  public enum Failover {
    /** The nearest by measured round trip. */
    NEAREST,
    /** In the order in which they are listed. */
    LISTED
  }

  /** Another region, and how this one's routers reach its routers. */
  public record OtherRegion(@Required String name, List<String> routers) {
    /** What holds where a region leaves a key out. */
    public static final OtherRegion DEFAULTS = new OtherRegion("", List.of());
  }

  /** Who may ask. */
  public record Access(boolean anonymous) {}

  /**
   * Who asks, known by an API key.
   *
   * @param keys SHA-256 of each key, in hex
   * @param salt of its cache entries; empty to share those of everybody without one
   * @param regions where its requests may be served, empty for anywhere
   */
  public record Tenant(
      @Required String name, List<String> keys, Secret salt, List<String> regions) {
    /** What holds where a tenant leaves a key out. */
    public static final Tenant DEFAULTS = new Tenant("", List.of(), Secret.NONE, List.of());
  }

  /**
   * Where policies come from.
   *
   * @param directory of this router alone, for the revision that it serves; empty for no policies
   * @param control the region whose routers have the store, empty for this one
   * @param every how often the store is asked for a newer revision
   * @param rollbackOnNack whether a new revision that some router refuses is taken back
   */
  public record Policies(
      @Empty String directory,
      @Empty String control,
      Store store,
      @Range(min = 20, max = 60_000) Duration every,
      boolean rollbackOnNack) {
    /** Whether there are any but the built-in one. */
    public boolean enabled() {
      return !directory.isEmpty();
    }
  }

  /**
   * The policy store.
   *
   * @param url a JDBC URL, empty for an H2 file in the directory
   * @param passwordFile holds the password and nothing else; empty for none
   * @param owner address of the admin listener of the router that has the store's file, empty if
   *     this one has it, or all do
   */
  public record Store(
      @Empty String url, @Empty String user, @Empty String passwordFile, @Empty String owner) {}

  /**
   * What is told of requests.
   *
   * @param metrics whether requests are counted and timed; without, what {@code /metrics} and the
   *     cache queries tell of them is nothing
   */
  public record Telemetry(boolean metrics, Evidence evidence, Traces traces, List<Price> prices) {}

  /**
   * What is kept of the last requests.
   *
   * @param maxEntries requests, 0 to keep nothing
   * @param maxBytes memory for them
   */
  public record Evidence(
      @Range(min = 0, max = 1_000_000) int maxEntries,
      @Bytes @Range(min = 1 << 16, max = 1L << 34) long maxBytes) {}

  /**
   * What tokens of a prompt cost, so that savings can be told as money.
   *
   * @param model its name, or {@code *} for all that have no price above this one
   * @param prefillMicroUsd millionths of a dollar for a million tokens that are computed
   * @param cachedMicroUsd the same for tokens from a cache
   */
  public record Price(
      @Required String model,
      @Range(min = 0, max = 1_000_000_000_000L) long prefillMicroUsd,
      @Range(min = 0, max = 1_000_000_000_000L) long cachedMicroUsd) {
    /** What holds where a price leaves a key out. */
    public static final Price DEFAULTS = new Price("", 0, 0);
  }

  /**
   * Where traces go.
   *
   * @param endpoint of a collector for OTLP over HTTP, such as {@code
   *     http://collector:4318/v1/traces}; empty for no traces
   * @param authorization what is sent as {@code authorization} with them
   * @param perThousand of the requests that no trace of a client's decides for, how many are traced
   * @param timeout of one batch
   */
  public record Traces(
      @Empty String endpoint,
      Secret authorization,
      @Range(min = 0, max = 1000) int perThousand,
      @Range(min = 100, max = 60_000) Duration timeout) {}

  /** A text that is never printed. */
  public record Secret(String value) {
    /** No secret is set. */
    public static final Secret NONE = new Secret("");

    @Override
    public String toString() {
      return value.isEmpty() ? "(none)" : "(secret)";
    }
  }

  /** The same, but with another one's {@code link.regions}. */
  public RouterConfig withRegionsOf(RouterConfig other) {
    return new RouterConfig(
        region,
        router,
        listen,
        admin,
        eventLoops,
        cluster,
        pools,
        index,
        limits,
        queue,
        timeouts,
        retry,
        sse,
        routing,
        engine,
        link.withRegions(other.link.regions),
        access,
        tenants,
        policies,
        telemetry);
  }

  /** The pool that serves {@code model}, null if none is configured. */
  public @Nullable Pool pool(String model) {
    for (Pool pool : pools) {
      if (pool.model().equals(model)) {
        return pool;
      }
    }
    return null;
  }
}
