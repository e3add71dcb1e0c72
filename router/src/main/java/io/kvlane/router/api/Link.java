package io.kvlane.router.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.ForwardGuard;
import io.kvlane.router.region.Hop;
import io.kvlane.router.region.LinkIdentity;
import io.kvlane.router.region.RegionState;
import io.kvlane.router.region.Regions;
import io.kvlane.router.routing.Routing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This router's side of the link: what it says of its region, and which forwarded requests it
 * takes. Safe for any thread.
 */
public final class Link {
  private static final Logger log = LoggerFactory.getLogger(Link.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_STREAMS = 10_000;

  /** Bytes of a line of the audit log. */
  private static final int MAX_LINE = 1 << 16;

  private final RouterConfig config;
  private final LinkIdentity identity;
  private final Regions regions;
  private final ForwardGuard guard = new ForwardGuard(System::nanoTime);
  private final Counter forwarded;
  private final Counter refusedCertificates;
  private final Counter refusedPasses;

  public Link(RouterConfig config, LinkIdentity identity, Regions regions, MeterRegistry registry) {
    this.config = config;
    this.identity = identity;
    this.regions = regions;
    forwarded =
        Counter.builder("kvlane.link.forwarded")
            .description("Requests that came from other regions")
            .register(registry);
    refusedCertificates = refused(registry, "certificate");
    refusedPasses = refused(registry, "pass");
  }

  private static Counter refused(MeterRegistry registry, String reason) {
    return Counter.builder("kvlane.link.refused")
        .description("What came over the link and was refused")
        .tag("reason", reason)
        .register(registry);
  }

  Regions regions() {
    return regions;
  }

  /** How to listen. */
  HttpServerOptions options(HttpServerOptions limits) {
    var options =
        new HttpServerOptions(limits)
            .setSsl(true)
            .setUseAlpn(true)
            .setAlpnVersions(List.of(HttpVersion.HTTP_2))
            .setKeyCertOptions(identity.keys())
            .setTrustOptions(identity.trust(regions::names))
            .setClientAuth(ClientAuth.REQUIRED)
            .setHttp2ConnectionWindowSize(Regions.CONNECTION_WINDOW);
    options
        .getInitialSettings()
        .setInitialWindowSize(Regions.STREAM_WINDOW)
        .setMaxConcurrentStreams(MAX_STREAMS);
    return options;
  }

  /** A connection could not be made: not in TLS, or with a certificate that is not believed. */
  void failed(Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof SSLHandshakeException || e instanceof NotSslRecordException) {
        refused(String.valueOf(e.getMessage()));
        return;
      }
    }
  }

  /** A connection was made. If it resumes another one, nobody has looked at its certificate. */
  void opened(HttpConnection connection) {
    connection.exceptionHandler(e -> log.debug("A connection of the link broke", e));
    if (!identity.believes(connection, regions.names())) {
      refused("resumed with a certificate that is not believed any more");
      connection.close();
    }
  }

  private void refused(String why) {
    refusedCertificates.increment();
    log.warn("A connection of the link was refused: {}", why);
  }

  /** Whether a forwarded request shows a pass that was not used before. */
  boolean admits(HttpServerRequest request) {
    String pass = request.getHeader(Hop.PASS);
    boolean admitted = pass != null && guard.admits(pass);
    (admitted ? forwarded : refusedPasses).increment();
    if (!admitted) {
      log.warn("A forwarded request without a good pass was refused");
    }
    return admitted;
  }

  /** {@code GET /link/v1/digest?log=LIFE&from=VERSION}. */
  void digest(HttpServerRequest request, Routing routing) {
    String region = LinkIdentity.region(request.connection());
    long life = number(request.getParam("log"));
    long from = number(request.getParam("from"));
    if (region == null) {
      request.response().setStatusCode(403).end();
      return;
    }
    routing
        .digest(region, life, from)
        .map(DigestDelta::encode)
        .onSuccess(bytes -> request.response().end(Buffer.buffer(bytes)))
        .onFailure(
            cause -> {
              log.warn("The digest could not be told to {}: {}", region, cause.toString());
              request.response().setStatusCode(500).end();
            });
  }

  /** What is no number stands for nothing known. */
  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** {@code POST /link/v1/audit}. Who tells is what its certificate says. */
  void audit(HttpServerRequest request, Control control) {
    String region = LinkIdentity.region(request.connection());
    if (region == null) {
      request.response().setStatusCode(403).end();
      return;
    }
    Buffer line = Buffer.buffer();
    request.handler(
        part -> {
          if (line.length() <= MAX_LINE) {
            line.appendBuffer(part);
          }
        });
    request.endHandler(
        end -> {
          boolean taken = line.length() <= MAX_LINE && control.audit().take(region, line);
          request.response().setStatusCode(taken ? 202 : 503).end();
        });
  }

  /** {@code GET /link/v1/state}. */
  void state(HttpServerRequest request, Routing routing, Control control, BooleanSupplier draining)
      throws JsonProcessingException {
    var state =
        new RegionState(
            config.region(),
            config.router().id(),
            draining.getAsBoolean(),
            guard.ticket(),
            routing.pools(),
            control.routers().get());
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(Buffer.buffer(JSON.writeValueAsBytes(state)));
  }
}
