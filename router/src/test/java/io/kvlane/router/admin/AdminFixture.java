package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.AuditNote;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Rollouts;
import io.kvlane.router.policy.RouterStatus;
import io.kvlane.router.policy.StoreUnavailable;
import io.kvlane.router.policy.Validator;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Three routers' admin APIs on one store, on real sockets. */
public final class AdminFixture implements AutoCloseable {
  public static final String ADMIN = "admin-key";
  static final String OPERATOR = "operator-key";
  public static final String VIEWER = "viewer-key";
  static final String ACME = "acme-key";
  static final String OLD = "old-key";
  static final String REGIONAL = "regional-key";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  final List<PolicyStore> stores = new ArrayList<>();
  final List<Policies> policies = new CopyOnWriteArrayList<>();
  final List<AuditNote> notes = new CopyOnWriteArrayList<>();
  final List<Insight> insights = new ArrayList<>();
  final List<SimpleMeterRegistry> registries = new ArrayList<>();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Vertx vertx = Vertx.vertx();
  private final ScheduledExecutorService followers = Executors.newScheduledThreadPool(3);
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<AdminApi> apis = new ArrayList<>();

  public AdminFixture(Path directory, double perSecond) throws Exception {
    var validator = new Validator(() -> Set.of("eu", "us"));
    InstantSource clock = InstantSource.system();
    Instant later = clock.instant().plusSeconds(3600);
    List<ApiKey> keys =
        List.of(
            key("admin", ADMIN, ApiKey.Role.ADMIN, Set.of(), later),
            key("operator", OPERATOR, ApiKey.Role.OPERATOR, Set.of(), later),
            key("viewer", VIEWER, ApiKey.Role.VIEWER, Set.of(), later),
            key("acme", ACME, ApiKey.Role.OPERATOR, Set.of("acme"), later),
            key("regional", REGIONAL, ApiKey.Role.ADMIN, Set.of(), later),
            key("old", OLD, ApiKey.Role.ADMIN, Set.of(), clock.instant()));
    for (int i = 0; i < 3; i++) {
      String url = "jdbc:h2:file:" + directory.resolve("policies");
      PolicyStore store = PolicyStore.of(url, "", "", Policy.DEFAULTS, clock);
      stores.add(store);
      Policies live =
          Policies.load(directory.resolve("last-good-" + i), Policy.DEFAULTS, validator, clock);
      policies.add(live);
      followers.scheduleWithFixedDelay(() -> follow(store, live), 0, 20, TimeUnit.MILLISECONDS);
      var meters = new SimpleMeterRegistry();
      registries.add(meters);
      Insight kept = Insight.alone(RouterConfig.DEFAULTS);
      insights.add(kept);
      var parts =
          new AdminParts(
              "eu",
              "router-" + i,
              live,
              new ChangeDecider(validator),
              new Rollouts(this::seen, System::nanoTime, meters),
              store,
              null,
              null,
              new RegionInsight(kept, Set::of, region -> null),
              () -> {},
              notes::add);
      var callers =
          new Callers(
              vertx, new ApiKeys(keys, live::current, clock), RouterConfig.DEFAULTS.admin().oidc());
      var api = new AdminApi(vertx, parts, callers, perSecond, System::nanoTime, meters);
      apis.add(api);
      servers.add(
          vertx
              .createHttpServer()
              .invalidRequestHandler(AdminApi::unreadable)
              .requestHandler(api::handle)
              .listen(0, "127.0.0.1")
              .await(30, TimeUnit.SECONDS));
    }
  }

  private static ApiKey key(
      String id, String key, ApiKey.Role role, Set<String> tenants, Instant expiresAt) {
    return new ApiKey(id, KeyHash.of(key), role, tenants, regions(id), expiresAt);
  }

  private static Set<String> regions(String id) {
    return id.equals("regional") ? Set.of("us") : Set.of();
  }

  private static void follow(PolicyStore store, Policies policies) {
    try {
      policies.apply(store.current());
    } catch (StoreUnavailable e) {
      // Tests close stores to see what is served then; the next look may find it again.
      assertThat(policies.current()).isNotNull();
    }
  }

  /** A minute is over. */
  void tally() {
    apis.forEach(AdminApi::tally);
  }

  private Collection<Rollouts.Seen> seen() {
    List<RouterStatus> routers = new ArrayList<>();
    for (int i = 0; i < policies.size(); i++) {
      Policies.Status status = policies.get(i).status();
      routers.add(
          new RouterStatus(
              "eu", "router-" + i, status.revision(), status.refused(), status.problem(), 0, null));
    }
    return List.of(new Rollouts.Seen("eu", true, routers));
  }

  /** Where one of the routers listens. */
  public String url(int router) {
    return "http://127.0.0.1:" + servers.get(router).actualPort();
  }

  /** An answer, its body read as JSON. */
  record Answer(int status, HttpResponse<String> raw, JsonNode body) {
    String etag() {
      return raw.headers().firstValue("ETag").orElse("");
    }

    String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }

    String code() {
      return body.path("code").asText();
    }

    List<String> errorPaths() {
      List<String> paths = new ArrayList<>();
      body.path("errors").forEach(error -> paths.add(error.path("path").asText()));
      return paths;
    }
  }

  Answer get(String path) throws Exception {
    return send(0, ADMIN, "GET", path, null);
  }

  Answer put(String path, String json, String... headers) throws Exception {
    return send(0, ADMIN, "PUT", path, json, headers);
  }

  Answer post(String path, String json, String... headers) throws Exception {
    return send(0, ADMIN, "POST", path, json, headers);
  }

  /**
   * Sends a request to one of the routers.
   *
   * @param json with single quotes, null for no body
   * @param headers names and values
   */
  Answer send(int router, String key, String method, String path, String json, String... headers)
      throws IOException, InterruptedException {
    int port = servers.get(router).actualPort();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/admin/v1" + path));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    if (json != null) {
      String type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
      request.header("Content-Type", type);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    request.method(
        method,
        json == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
    HttpResponse<String> raw = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(raw.statusCode(), raw, MAPPER.readTree(raw.body()));
  }

  @Override
  public void close() {
    followers.shutdownNow();
    servers.forEach(server -> server.close().await());
    vertx.close().await();
    stores.forEach(PolicyStore::close);
    client.close();
  }
}
