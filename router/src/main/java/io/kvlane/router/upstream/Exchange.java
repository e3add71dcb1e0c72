package io.kvlane.router.upstream;

import io.kvlane.router.routing.Route;
import io.kvlane.router.upstream.Failure.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and the attempts to have it answered, one after the other, at distinct replicas. Once
 * an attempt's answer has begun, it is the only one. Used on one event loop.
 *
 * <pre>
 * begin -> attempt -> answer begins -> answer ends
 *            | ^          '-> breaks: the client is told, no retry
 *            v |
 *          fails: next replica
 * </pre>
 */
public final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  final Relay relay;
  final EngineRequest request;
  final Answer answer;
  private final Route route;
  private @Nullable Call call;
  private int attempts;
  private long dispatched;
  private long deadline;
  private boolean over;
  private long lastWrite;

  /** Whether something went to the client since the last tick. */
  private boolean wrote;

  private Failure lastFailure = Failure.of(Kind.CONNECT);

  Exchange(Relay relay, EngineRequest request, Route route, Answer answer) {
    this.relay = relay;
    this.request = request;
    this.route = route;
    this.answer = answer;
  }

  /** Sends the request to the best replica. */
  public void begin() {
    lastWrite = relay.nanos.getAsLong();
    deadline = lastWrite + request.limits().total().toNanos();
    if (!next()) {
      finish(lastFailure);
    }
  }

  /** Time that all attempts together have left, nanoseconds. */
  long remaining(long now) {
    return deadline - now;
  }

  /** Attempts begun so far. */
  public int attempts() {
    return attempts;
  }

  /** When the current attempt began, or the last one. */
  public long dispatched() {
    return dispatched;
  }

  /** The client is gone, or has been told otherwise: the engine's work is cancelled at once. */
  public void cancel() {
    if (!over) {
      Call current = call;
      if (current != null) {
        current.abandon();
      }
      over(Route.Usage.UNKNOWN);
    }
  }

  /** Ends the exchange for a reason of the router's own; the client is told. */
  public void abort(Kind kind) {
    if (!over) {
      Call current = call;
      if (current != null) {
        current.abandon();
      }
      finish(Failure.of(kind));
    }
  }

  /** Something went wrong that must not. */
  void defect(RuntimeException cause) {
    log.error("An exchange failed", cause);
    abort(Kind.INTERNAL);
  }

  /** The client does not keep up: the engine has to wait. */
  public void pause() {
    if (call != null) {
      call.pause();
    }
  }

  /** The client keeps up again. */
  public void resume() {
    if (call != null) {
      call.resume();
    }
  }

  /** Checks the time limits; to be called now and then. */
  public void tick(long now) {
    if (call != null && !over) {
      call.tick(now);
      keepAlive(now);
    }
  }

  /** Tells a client that waits for a stream that it still comes, whoever will answer. */
  private void keepAlive(long now) {
    if (wrote) {
      wrote = false;
      lastWrite = now;
    }
    Call current = call;
    long limit = relay.options.keepAlive().toNanos();
    if (limit > 0
        && request.stream()
        && current != null
        && current.betweenEvents()
        && now - lastWrite > limit) {
      lastWrite = now;
      answer.keepAlive();
    }
  }

  /** Bytes of an answer go to the client. */
  void wrote() {
    wrote = true;
  }

  /** Begins the next attempt, if there is one. */
  private boolean next() {
    if (attempts >= request.limits().attempts() || remaining(relay.nanos.getAsLong()) <= 0) {
      return false;
    }
    if (attempts > 0 && !request.retries().getAsBoolean()) {
      return false;
    }
    Optional<Route.Attempt> attempt = route.next();
    if (attempt.isEmpty()) {
      return false;
    }
    attempts++;
    dispatched = relay.nanos.getAsLong();
    Call next = new Call(this, attempt.get(), dispatched);
    call = next;
    next.start();
    return true;
  }

  /** The current attempt, already ended, has failed before its answer began. */
  void failed(Failure failure) {
    lastFailure = failure;
    if (!over && !next()) {
      finish(failure);
    }
  }

  /** The same, but if there is no other replica the client gets {@code response} as it is. */
  boolean failedOver(Failure failure) {
    lastFailure = failure;
    return next();
  }

  void finish(Failure failure) {
    if (!over) {
      answer.fail(failure);
      over(Route.Usage.UNKNOWN);
    }
  }

  void over(Route.Usage usage) {
    if (!over) {
      over = true;
      call = null;
      answer.over(usage);
    }
  }
}
