package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.admin.AdminApi;
import io.kvlane.router.admin.AdminServer;
import io.kvlane.router.admin.ApiKeys;
import io.kvlane.router.admin.Callers;
import io.kvlane.router.admin.Remote;
import io.kvlane.router.admin.RemoteException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.TestRegion;
import io.kvlane.router.telemetry.Insight;
import io.kvlane.simulator.live.link.Authority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way from a router without the store to its owner, whose admin listener has TLS. */
class OwnerTlsIT {
  private static final Duration VALIDITY = Duration.ofHours(1);

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private RouterConfig config;
  private AdminServer owner;

  @BeforeEach
  void start() throws Exception {
    Authority first = authority("first");
    first.writeTrust(folder.resolve("ca.pem"));
    config =
        new ConfigLoader(Map.of())
            .parse(
                "test",
                """
                admin:
                  port: %1$d
                  tls: {certificate: %2$s/crt.pem, key: %2$s/key.pem, trust: %2$s/ca.pem}
                """
                    .formatted(TestRegion.freePort(), folder));
    open();
  }

  @AfterEach
  void stop() {
    owner.stop().await();
    vertx.close().await();
  }

  /** A new one, whose certificate is the owner's from its next start on. */
  private Authority authority(String name) throws Exception {
    var authority = new Authority(name, VALIDITY);
    authority.issueAddress(
        "127.0.0.1", VALIDITY, folder.resolve("crt.pem"), folder.resolve("key.pem"));
    return authority;
  }

  private void open() {
    ControlPlane control = ControlPlane.builtIn(config, meters);
    var keys = new ApiKeys(List.of(), control.policies()::current, InstantSource.system());
    var callers = new Callers(vertx, keys, config.admin().oidc());
    var api =
        new AdminApi(
            vertx,
            control.parts(null, Insight.alone(config)),
            callers,
            50,
            System::nanoTime,
            meters);
    owner = new AdminServer(vertx, config.admin(), () -> true, api, meters);
    owner.start().await();
  }

  private Remote route() throws Exception {
    String address = "127.0.0.1:" + config.admin().port();
    return StoreRoute.toOwner(vertx, address, config.admin().tls());
  }

  private static int asked(Remote route) {
    MultiMap none = MultiMap.caseInsensitiveMultiMap();
    return route.send(new Remote.Ask("GET", "/health", none, Buffer.buffer())).await().status();
  }

  @Test
  void owner_withTls_isReached() throws Exception {
    assertThat(asked(route())).isEqualTo(200);
  }

  @Test
  void owner_ofAnotherAuthority_isNotBelieved() throws Exception {
    Remote route = route();
    owner.stop().await();
    authority("second");
    open();

    assertThatThrownBy(() -> asked(route)).isInstanceOf(RemoteException.class);
  }

  @Test
  void owner_ofANewAuthority_isReachedOnceTheFileIsRenewed() throws Exception {
    Remote route = route();
    assertThat(asked(route)).isEqualTo(200);
    owner.stop().await();
    Authority second = authority("second");
    open();

    second.writeTrust(folder.resolve("ca.pem"));

    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(RemoteException.class)
        .until(() -> asked(route) == 200);
  }
}
