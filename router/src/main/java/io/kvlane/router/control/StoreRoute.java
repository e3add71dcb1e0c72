package io.kvlane.router.control;

import io.kvlane.router.admin.Remote;
import io.kvlane.router.admin.RemoteException;
import io.kvlane.router.admin.RemoteException.Reason;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.Regions;
import io.kvlane.router.tls.FreshTrust;
import io.kvlane.router.tls.PemFiles;
import io.kvlane.router.tls.ReadAgain;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The ways to a router that has the policy store. */
final class StoreRoute {
  private static final long LIMIT_MILLIS = 15_000;

  /** Who waits for a revision may say for how long, up to a minute. */
  private static final long WAIT_MILLIS = 70_000;

  private static final long AUDIT_MILLIS = 5_000;
  private static final int CONNECT_MILLIS = 1_000;
  private static final long REFRESH_MILLIS = 1_000;

  private StoreRoute() {}

  /** Over the link, to a router of the control region. */
  static Remote overLink(Regions regions, String control) {
    return ask -> {
      OtherRegion region =
          regions.all().stream().filter(r -> r.name().equals(control)).findFirst().orElse(null);
      if (region == null) {
        return Future.failedFuture(unreachable(control));
      }
      return regions
          .send(
              region,
              HttpMethod.valueOf(ask.method()),
              ask.uri(),
              ask.headers(),
              ask.body(),
              limit(ask))
          .map(told -> new Remote.Reply(told.status(), told.headers(), told.body()))
          .recover(
              e ->
                  Future.failedFuture(
                      e instanceof Regions.NotSent ? unreachable(control) : unknown(control)));
    };
  }

  /** Brings lines of the audit log over the link; blocks. */
  static AuditRelay.Way auditOverLink(Regions regions, String control) {
    return note -> {
      OtherRegion region =
          regions.all().stream()
              .filter(r -> r.name().equals(control))
              .findFirst()
              .orElseThrow(() -> unreachable(control));
      Buffer text = Buffer.buffer(AuditRelay.text(note));
      Regions.Reply reply =
          regions
              .send(
                  region,
                  HttpMethod.POST,
                  Regions.AUDIT_PATH,
                  MultiMap.caseInsensitiveMultiMap(),
                  text,
                  AUDIT_MILLIS)
              .toCompletionStage()
              .toCompletableFuture()
              .get(2 * AUDIT_MILLIS, TimeUnit.MILLISECONDS);
      if (reply.status() != 202) {
        throw new IOException("region " + control + " answers " + reply.status());
      }
    };
  }

  private static long limit(Remote.Ask ask) {
    return ask.uri().contains(":wait") ? WAIT_MILLIS : LIMIT_MILLIS;
  }

  private static RemoteException unreachable(String control) {
    return new RemoteException(
        Reason.REGION_UNREACHABLE,
        "Region " + control + ", which takes all writes, cannot be reached; nothing is done.");
  }

  private static RemoteException unknown(String who) {
    return new RemoteException(Reason.UNKNOWN, who + " broke off; read before you write again.");
  }

  /**
   * In this region, to the router that has the store's file.
   *
   * @param tls of admin listeners; the owner's has it if this router's has
   */
  static Remote toOwner(Vertx vertx, String address, RouterConfig.Tls tls) throws ConfigException {
    HostAndPort at = HostAndPort.parseAuthority(address, 80);
    var options = new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS);
    if (tls.enabled()) {
      Path trust = Path.of(tls.trust());
      var authorities =
          new ReadAgain<>("admin.tls.trust", List.of(trust), () -> PemFiles.trust(trust));
      authorities.watch(vertx, REFRESH_MILLIS);
      options.setSsl(true).setTrustOptions(TrustOptions.wrap(new FreshTrust(authorities::get)));
    }
    HttpClient client = vertx.createHttpClient(options);
    return ask ->
        client
            .request(HttpMethod.valueOf(ask.method()), at.port(), at.host(), ask.uri())
            .recover(
                e ->
                    Future.failedFuture(
                        new RemoteException(
                            Reason.OWNER_UNREACHABLE,
                            "The router that has the policy store does not answer; nothing is"
                                + " done.")))
            .compose(
                request -> {
                  request.headers().addAll(ask.headers());
                  return request
                      .send(ask.body())
                      .compose(StoreRoute::reply)
                      .timeout(limit(ask), TimeUnit.MILLISECONDS)
                      .recover(
                          e -> {
                            request.reset();
                            return Future.failedFuture(
                                unknown("The router that has the policy store"));
                          });
                });
  }

  private static Future<Remote.Reply> reply(HttpClientResponse response) {
    return response
        .body()
        .map(body -> new Remote.Reply(response.statusCode(), response.headers(), body));
  }
}
