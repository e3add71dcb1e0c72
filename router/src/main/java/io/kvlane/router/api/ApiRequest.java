package io.kvlane.router.api;

import static java.util.Objects.requireNonNull;

import io.kvlane.router.admission.Tenant;
import io.kvlane.router.admission.Ticket;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.PolicySnapshot;
import io.kvlane.router.policy.RouteFacts;
import io.kvlane.router.policy.TenantSpec;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.RequestFacts;
import io.kvlane.router.routing.Route;
import io.kvlane.router.routing.RoutingException;
import io.kvlane.router.telemetry.Tracing;
import io.kvlane.router.telemetry.evidence.Subject;
import io.kvlane.router.upstream.EngineRequest;
import io.kvlane.router.upstream.Exchange;
import io.kvlane.router.upstream.Failure;
import io.kvlane.router.upstream.Limits;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's request on its way: body, scan, admission, routing, exchange. However it ends,
 * {@link #release} gives everything back.
 */
final class ApiRequest implements Sweeper.Watched {
  private static final Logger log = LoggerFactory.getLogger(ApiRequest.class);
  private static final long LINGER_NANOS = 2_000_000_000L;

  private enum Phase {
    BODY,
    QUEUED,
    ROUTING,
    EXCHANGE,
    /** Answered before the body was read: what still comes is thrown away for a while. */
    LINGER,
    OVER
  }

  private final Loop loop;
  private final Endpoint endpoint;
  private final HttpServerRequest request;

  /** Whether another region's router has sent it. */
  private final boolean forwarded;

  private final BodyReader reader;
  private final Sweeper.Place place = new Sweeper.Place();
  private final String id;
  private final ClientAnswer answer;
  private final Witness witness;

  /** What held when it came: a newer revision changes nothing of it. */
  private final PolicySnapshot policies;

  private @Nullable Policy policy;
  private @Nullable String affinity;
  private Phase phase = Phase.BODY;
  private long since;
  private @Nullable Tenant tenant;
  private @Nullable ScannedRequest scanned;
  private @Nullable Ticket ticket;
  private @Nullable Exchange exchange;

  ApiRequest(Loop loop, Endpoint endpoint, HttpServerRequest request, boolean forwarded) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.request = request;
    this.forwarded = forwarded;
    this.reader =
        new BodyReader(
            loop.shared().budget(),
            loop.shared().config().limits().maxBodyBytes(),
            Headers.contentLength(request.headers()));
    this.id = loop.ids().of(request.getHeader(Headers.REQUEST_ID));
    this.answer = new ClientAnswer(this, request.response(), endpoint.shape(), id, loop.flushes());
    var side = loop.shared().control().policies().arm(region(), id);
    this.since = loop.nanos().getAsLong();
    this.witness =
        new Witness(
            loop.shared(),
            loop.batch(),
            endpoint,
            forwarded,
            side.counter(),
            loop.shared().tracing().begin(request.headers(), endpoint.path(), since),
            loop.nanos());
    this.policies = side.snapshot();
  }

  void start() {
    loop.sweeper().add(this, place);
    Optional<Tenant> known = loop.shared().tenants().of(Headers.apiKey(request.headers()));
    tenant = known.orElse(null);
    request.response().closeHandler(this::gone);
    request.response().exceptionHandler(this::gone);
    request.exceptionHandler(this::gone);
    request.handler(this::received);
    request.endHandler(this::bodyComplete);
    if (known.isEmpty()) {
      refuse(ApiError.unauthorized());
    } else if (Headers.areForged(request.headers(), forwarded)) {
      loop.shared().metrics().forged();
      refuse(ApiError.forgedHeader());
    }
  }

  private void received(Buffer chunk) {
    if (phase == Phase.BODY) {
      ApiError error = reader.add(chunk);
      if (error != null) {
        refuse(error);
      }
    }
  }

  private void bodyComplete(@Nullable Void end) {
    if (phase == Phase.LINGER) {
      release();
    } else if (phase == Phase.BODY) {
      witness.received();
      guarded(this::scan);
    }
  }

  /** A defect must not leave the client waiting. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Throwable defect) {
    log.error("Request {} failed", id, defect);
    Exchange current = exchange;
    if (current != null) {
      current.abort(Failure.Kind.INTERNAL);
    } else if (phase != Phase.OVER) {
      refuse(ApiError.internal());
    }
  }

  private void scan() {
    ScannedRequest body;
    try {
      body = loop.scanner().scan(endpoint, reader.bytes(), reader.length(), asker().cacheSalt());
    } catch (InvalidRequest e) {
      phase = Phase.QUEUED;
      refuse(e.error());
      return;
    }
    scanned = body;
    Policy found = policies.policy(asks(body));
    policy = found;
    loop.shared().retries().requested(found);
    reader.handOver();
    phase = Phase.QUEUED;
    since = loop.nanos().getAsLong();
    affinity = Headers.affinity(request.headers());
    witness.asked(body, asker(), subject(body, found), found, affinity);
    Ticket mine =
        loop.shared().admission().enter(body.model(), loop.executor(), () -> admitted(body));
    ticket = mine;
    switch (mine.state()) {
      case ADMITTED -> admitted(body);
      case REFUSED -> refuse(ApiError.queueFull());
      case QUEUED, RELEASED -> {}
    }
  }

  private Subject subject(ScannedRequest body, Policy by) {
    return new Subject(
        id,
        witness.traceId(Tracing.traceId(request.headers())),
        forwarded,
        body.model(),
        asker().name(),
        endpoint.path(),
        by.id(),
        policies.revision(),
        by.consistency().name(),
        policies.known(request.headers()::get),
        Policy.Residency.common(List.of(asker().regions(), Headers.regions(request.headers()))));
  }

  private void admitted(ScannedRequest body) {
    if (phase == Phase.QUEUED) {
      phase = Phase.ROUTING;
      witness.admitted();
      guarded(() -> loop.shared().routing().route(facts(body)).onComplete(this::routed));
    }
  }

  private Tenant asker() {
    return requireNonNull(tenant);
  }

  private RouteFacts asks(ScannedRequest body) {
    return new RouteFacts(
        body.model(), asker().name(), String.valueOf(request.path()), request.headers()::get);
  }

  /**
   * What the tenant is allowed, here and by the revision, narrowed by its policy and by what the
   * client wants; null for anywhere.
   */
  private @Nullable Set<String> regions(Policy by) {
    Collection<String> tenants =
        policies.tenant(asker().name()).map(TenantSpec::allowedRegions).orElse(List.of());
    return Policy.Residency.common(
        List.of(
            asker().regions(),
            tenants,
            by.residency().allowedRegions(),
            Headers.regions(request.headers())));
  }

  private RequestFacts facts(ScannedRequest body) {
    RouterConfig config = loop.shared().config();
    Policy by = requireNonNull(policy);
    String hint = affinity;
    boolean off =
        config.routing().allowAffinityOff()
            && "off".equalsIgnoreCase(request.getHeader("x-kvlane-affinity"));
    return new RequestFacts(
        body.model(),
        body.salt(),
        body.text(),
        body.tokenizeBody(),
        body.maxOutputTokens(),
        hint != null ? hint : body.promptCacheKey(),
        off,
        forwarded,
        regions(by),
        by);
  }

  private void routed(AsyncResult<Route> result) {
    ScannedRequest body = scanned;
    if (phase != Phase.ROUTING || body == null) {
      return;
    }
    if (result.failed()) {
      if (result.cause() instanceof RoutingException e) {
        refuse(ApiError.of(e), e.reasons());
      } else {
        failed(result.cause());
      }
      return;
    }
    phase = Phase.EXCHANGE;
    Route best = witness.decided(result.result());
    guarded(() -> exchange(body, best));
  }

  private void exchange(ScannedRequest body, Route best) {
    Policy by = requireNonNull(policy);
    var headers =
        Headers.forEngine(
            request.headers(), body.stream(), id, loop.shared().config().engine().apiKey().value());
    var toEngine =
        new EngineRequest(
            request.uri(),
            headers,
            () -> Headers.forLink(request.headers(), id),
            body.body(),
            body.stream(),
            limits(by),
            () -> loop.shared().retries().take(by),
            body.dropUsage(),
            witness.trace());
    Exchange made = loop.relay().exchange(toEngine, best, answer);
    exchange = made;
    answer.from(made);
    made.begin();
  }

  private Limits limits(Policy by) {
    Policy.TimeLimits times = by.timeLimits();
    int attempts = by.retry().maxAttempts();
    Duration answer = Duration.ofMillis(times.answerMs());
    // Another region's router has said what is left of it. (Duration.multipliedBy would take a
    // BigInteger.)
    Duration most = Duration.ofMillis(times.answerMs() * attempts);
    Duration total = forwarded ? Headers.remaining(request.headers(), most) : most;
    Duration firstByte = Duration.ofMillis(times.firstByteMs());
    return new Limits(attempts, firstByte, answer, Duration.ofMillis(times.idleMs()), total);
  }

  /** Tells by what it is served. */
  void name(MultiMap headers) {
    headers.set(Headers.CONFIG_REVISION, Long.toString(policies.revision()));
    Policy by = policy;
    if (by != null) {
      headers.set(Headers.POLICY, by.id());
      headers.set(Headers.CONSISTENCY, by.consistency().name());
    }
  }

  String region() {
    return loop.shared().config().region();
  }

  /** Whether the client's connection is to end with the answer. */
  boolean lastOfConnection() {
    return !forwarded && loop.shared().draining().get();
  }

  String decision(boolean failover) {
    return witness.decision(failover);
  }

  void began(int engineStatus, Route.Attempt attempt) {
    Exchange current = exchange;
    long dispatched = current == null ? loop.nanos().getAsLong() : current.dispatched();
    witness.began(engineStatus, attempt, dispatched);
  }

  /** Where the time went until the answer began. */
  String serverTiming() {
    return witness.serverTiming();
  }

  /** No replica gave an answer, or the answer broke off after it had begun. */
  void broke(Failure failure, ApiError error) {
    log.warn(
        "Request {} failed: {} ({}{})",
        id,
        error.code(),
        failure.kind().word(),
        failure.engineStatus() == 0 ? "" : " " + failure.engineStatus());
    witness.broke(error);
  }

  /** Answers with an error, and is over. */
  void refuse(ApiError error) {
    refuse(error, null);
  }

  /** The same; {@code why} is what was known when it was decided, null for nothing. */
  private void refuse(ApiError error, @Nullable Reasons why) {
    if (phase == Phase.OVER || phase == Phase.LINGER) {
      return;
    }
    boolean unread = phase == Phase.BODY;
    answer.refuse(error);
    witness.refused(error, why);
    if (unread) {
      phase = Phase.LINGER;
      since = loop.nanos().getAsLong();
      reader.release();
    } else if (exchange == null) {
      release();
    }
  }

  /** The exchange is over. */
  void over(Route.Usage usage) {
    if (phase != Phase.OVER) {
      witness.over(usage);
      release();
    }
  }

  /** The client left. */
  private void gone(@Nullable Object cause) {
    if (phase == Phase.OVER) {
      return;
    }
    answer.close();
    if (phase != Phase.LINGER) {
      witness.left();
    }
    Exchange current = exchange;
    if (current != null) {
      current.cancel();
    }
    release();
  }

  private void release() {
    if (phase == Phase.OVER) {
      return;
    }
    phase = Phase.OVER;
    loop.sweeper().remove(place);
    reader.release();
    exchange = null;
    Ticket mine = ticket;
    if (mine != null) {
      ticket = null;
      mine.release();
    }
  }

  @Override
  public void stop() {
    switch (phase) {
      case BODY, QUEUED, ROUTING -> refuse(ApiError.shuttingDown());
      case EXCHANGE -> {
        if (exchange != null) {
          exchange.abort(Failure.Kind.SHUTDOWN);
        }
      }
      case LINGER -> request.connection().close();
      case OVER -> {}
    }
  }

  @Override
  public void tick(long now) {
    RouterConfig config = loop.shared().config();
    switch (phase) {
      case BODY -> {
        if (now - since > config.limits().bodyTimeout().toNanos()) {
          refuse(ApiError.bodyTooSlow());
        }
      }
      case QUEUED -> {
        Ticket mine = ticket;
        if (mine != null) {
          if (now - since > config.queue().timeout().toNanos()) {
            refuse(ApiError.queueTimeout());
          } else {
            mine.poke();
          }
        }
      }
      case EXCHANGE -> {
        Exchange current = exchange;
        if (current != null) {
          guarded(() -> current.tick(now));
        }
      }
      case LINGER -> {
        if (now - since > LINGER_NANOS) {
          request.connection().close();
        }
      }
      case ROUTING, OVER -> {}
    }
  }
}
