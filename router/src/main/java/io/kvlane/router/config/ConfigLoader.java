package io.kvlane.router.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Loads a router's configuration: what the environment says wins over the file, and what neither
 * says is as in {@link RouterConfig#DEFAULTS}.
 */
public final class ConfigLoader {
  static final Pattern ADDRESS = Pattern.compile("(\\[[^\\s\\[\\]]+]|[^\\s:]+):\\d{1,5}");

  private static final String LOOPBACK_HOST = "(127(\\.\\d{1,3}){3}|localhost|\\[?::1]?)";
  private static final Pattern LOOPBACK = Pattern.compile(LOOPBACK_HOST);
  private static final Pattern SAFE_URL =
      Pattern.compile("https://\\S+|http://" + LOOPBACK_HOST + "(:\\d+)?(/\\S*)?");

  private final Map<String, String> environment;

  /**
   * @param environment variables such as {@code KVLANE_LISTEN_PORT}
   */
  public ConfigLoader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** Loads {@code file}. */
  public RouterConfig load(Path file) throws ConfigException {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (expected: a YAML file in UTF-8)");
    }
  }

  /**
   * Loads YAML text.
   *
   * @param source its name, for messages
   */
  public RouterConfig parse(String source, String yaml) throws ConfigException {
    Node.Mapping root = new YamlReader(source).read(yaml);
    RouterConfig config =
        new Binder(source, environment)
            .record(RouterConfig.class, Place.ROOT, root, RouterConfig.DEFAULTS);
    ClusterCheck.check(source, config.cluster());
    check(source, config.region(), config.link());
    check(source, config.admin());
    checkAccess(source, root, config);
    check(source, config);
    check(source, config.tenants());
    return config;
  }

  /** What one value alone does not show. */
  private static void check(String source, String region, RouterConfig.Link link)
      throws ConfigException {
    if (!link.enabled()) {
      return;
    }
    if (link.key().isEmpty() || link.trust().isEmpty()) {
      String missing = link.key().isEmpty() ? "link.key" : "link.trust";
      throw new ConfigException(source + ": " + missing + ": missing (expected: a PEM file)");
    }
    if (Integer.bitCount(link.digest().sample()) != 1) {
      throw new ConfigException(
          source
              + ": link.digest.sample: "
              + link.digest().sample()
              + " (expected: a power of two)");
    }
    Set<String> names = new HashSet<>(Set.of(region));
    for (int i = 0; i < link.regions().size(); i++) {
      RouterConfig.OtherRegion other = link.regions().get(i);
      String at = source + ": link.regions[" + i + "]";
      if (!names.add(other.name())) {
        throw new ConfigException(
            at + ".name: \"" + other.name() + "\" (expected: another region, named once)");
      }
      for (int j = 0; j < other.routers().size(); j++) {
        String address = other.routers().get(j);
        if (!ADDRESS.matcher(address).matches()) {
          throw new ConfigException(
              at + ".routers[" + j + "]: \"" + address + "\" (expected: HOST:PORT)");
        }
      }
    }
  }

  private static void check(String source, RouterConfig.Admin admin) throws ConfigException {
    Set<String> ids = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (int i = 0; i < admin.keys().size(); i++) {
      RouterConfig.AdminKey key = admin.keys().get(i);
      String at = source + ": admin.keys[" + i + "]";
      if (!ids.add(key.id()) || key.id().length() > 100) {
        throw new ConfigException(at + ".id: (expected: 1 to 100 characters, named once)");
      }
      if (!KeyHash.isOne(key.hash()) || !hashes.add(key.hash())) {
        throw new ConfigException(
            at + ".hash: (expected: SHA-256 of a key, 64 hex digits, named once)");
      }
      try {
        if (!key.expires().isEmpty()) {
          Instant.parse(key.expires());
        }
      } catch (DateTimeParseException e) {
        throw new ConfigException(
            at
                + ".expires: \""
                + key.expires()
                + "\" (expected: a time like 2027-01-31T00:00:00Z)");
      }
    }
  }

  /** Nobody gets to the admin listener over a network whom nothing keeps out. */
  private static void checkAccess(String source, Node.Mapping root, RouterConfig config)
      throws ConfigException {
    RouterConfig.Admin admin = config.admin();
    boolean open = admin.keys().isEmpty() && !admin.oidc().enabled();
    if (open && !LOOPBACK.matcher(admin.host()).matches()) {
      throw new ConfigException(
          at(source, root, "admin", "host")
              + ": admin.host: \""
              + admin.host()
              + "\" (expected: a loopback address, since neither admin.keys nor admin.oidc says who"
              + " may use it)");
    }
    RouterConfig.Tls tls = admin.tls();
    if (tls.enabled() && tls.key().isEmpty()) {
      throw new ConfigException(
          at(source, root, "admin", "tls") + ": admin.tls.key: missing (expected: a PEM file)");
    }
    if (tls.enabled() && tls.trust().isEmpty() && !config.policies().store().owner().isEmpty()) {
      throw new ConfigException(
          at(source, root, "admin", "tls")
              + ": admin.tls.trust: missing (expected: a PEM file, since policies.store.owner is"
              + " asked with TLS)");
    }
    RouterConfig.Oidc oidc = admin.oidc();
    String at = at(source, root, "admin", "oidc") + ": admin.oidc.";
    if (oidc.enabled() && oidc.audience().isEmpty()) {
      throw new ConfigException(at + "audience: missing (expected: whom tokens are for)");
    }
    checkUrl(at + "issuer", oidc.issuer());
    checkUrl(at + "keys", oidc.keys());
  }

  /** What is fetched from there decides who gets in. */
  private static void checkUrl(String at, String url) throws ConfigException {
    if (!url.isEmpty() && !SAFE_URL.matcher(url).matches()) {
      throw new ConfigException(
          at + ": \"" + url + "\" (expected: https://..., or http://... on loopback)");
    }
  }

  /** The file and the line of a key, or of the nearest around it that the file has. */
  private static String at(String source, Node.Mapping root, String... path) {
    Node.Mapping mapping = root;
    int line = 0;
    for (String key : path) {
      line = mapping.lines().getOrDefault(key, line);
      if (!(mapping.fields().get(key) instanceof Node.Mapping inner)) {
        break;
      }
      mapping = inner;
    }
    return line == 0 ? source : source + ':' + line;
  }

  private static void check(String source, RouterConfig config) throws ConfigException {
    RouterConfig.Policies policies = config.policies();
    String at = source + ": policies.";
    String control = policies.control();
    boolean elsewhere = !control.isEmpty() && !control.equals(config.region());
    if (elsewhere && !config.link().enabled()) {
      throw new ConfigException(
          at + "control: \"" + control + "\" (expected: this region, since there is no link)");
    }
    if (elsewhere
        && config.link().regions().stream().noneMatch(other -> other.name().equals(control))) {
      throw new ConfigException(
          at + "control: \"" + control + "\" (expected: one of link.regions, or this one)");
    }
    String url = policies.store().url();
    if (!url.isEmpty() && !url.startsWith("jdbc:h2:file:") && !url.startsWith("jdbc:postgresql:")) {
      throw new ConfigException(
          at + "store.url: (expected: jdbc:h2:file:PATH or jdbc:postgresql://HOST/DATABASE)");
    }
    String owner = policies.store().owner();
    if (!owner.isEmpty() && !ADDRESS.matcher(owner).matches()) {
      throw new ConfigException(at + "store.owner: \"" + owner + "\" (expected: HOST:PORT)");
    }
  }

  private static void check(String source, List<RouterConfig.Tenant> tenants)
      throws ConfigException {
    Set<String> names = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < tenants.size(); i++) {
      RouterConfig.Tenant tenant = tenants.get(i);
      String at = source + ": tenants[" + i + "]";
      if (!names.add(tenant.name())) {
        throw new ConfigException(at + ".name: \"" + tenant.name() + "\" (expected: named once)");
      }
      check(at, tenant.keys(), keys);
      if (!tenant.regions().isEmpty() && tenant.salt().value().isEmpty()) {
        throw new ConfigException(
            at + ".salt: missing (expected: a secret, since regions are limited)");
      }
    }
  }

  private static void check(String at, List<String> keys, Set<String> others)
      throws ConfigException {
    for (int i = 0; i < keys.size(); i++) {
      if (!KeyHash.isOne(keys.get(i)) || !others.add(keys.get(i))) {
        throw new ConfigException(
            at + ".keys[" + i + "]: (expected: SHA-256 of a key, 64 hex digits, named once)");
      }
    }
  }

  /** The annotated file with every key and its default. */
  public static String reference() {
    try (InputStream in =
        ConfigLoader.class.getResourceAsStream("/io/kvlane/router/kvlane-router.yaml")) {
      if (in == null) {
        throw new IllegalStateException("kvlane-router.yaml is not on the class path");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
