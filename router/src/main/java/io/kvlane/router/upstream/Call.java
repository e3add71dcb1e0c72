package io.kvlane.router.upstream;

import io.kvlane.router.region.Hop;
import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.RequestTrace;
import io.kvlane.router.upstream.Failure.Kind;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.StreamResetException;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: an HTTP request at one engine. Holds the answer back until it is worth beginning: a
 * stream until its first event that says something, another body until it is complete or grows too
 * large. Whatever comes after {@code done} is ignored.
 */
final class Call {
  private static final Buffer NOTHING = Buffer.buffer();

  private final Exchange exchange;
  private final Route.Attempt attempt;
  private final RelayOptions options;
  private final long started;
  private final RequestTrace.Attempt trace;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private @Nullable EventStream events;
  private @Nullable Buffer held;
  private boolean began;

  /** Whether the connection has carried other requests before. */
  private boolean reused;

  /** Whether the request was sent anew because the connection was closed already. */
  private boolean stale;

  private boolean ended;
  private boolean done;
  private long lastByte;

  /** Whether there were bytes since the last tick: it asks the clock, not every chunk. */
  private boolean heard;

  private long pausedAt;
  private boolean paused;

  Call(Exchange exchange, Route.Attempt attempt, long started) {
    this.exchange = exchange;
    this.attempt = attempt;
    this.options = exchange.relay.options;
    this.started = started;
    this.trace = exchange.request.trace().attempt(attempt, started);
  }

  void start() {
    send(exchange.relay.client(attempt));
  }

  private void send(HttpClient client) {
    client
        .request(HttpMethod.POST, attempt.port(), attempt.host(), exchange.request.uri())
        .onComplete(result -> guarded(() -> connected(result)));
  }

  /** A defect must leave neither client nor engine waiting. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      exchange.defect(e);
    }
  }

  private void connected(AsyncResult<HttpClientRequest> result) {
    if (done) {
      if (result.succeeded()) {
        HttpClientRequest late = result.result();
        late.exceptionHandler(cause -> broken(late, cause)); // hears of nothing but this reset
        late.reset();
      }
      return;
    }
    if (result.failed()) {
      fail(Failure.of(Kind.CONNECT), true);
      return;
    }
    HttpClientRequest connected = result.result();
    request = connected;
    Hop hop = attempt.hop().orElse(null);
    if (hop == null) {
      connected.headers().setAll(exchange.request.headers());
      reused = !exchange.relay.isFirstUse(connected.connection());
    } else {
      connected.headers().setAll(exchange.request.linkHeaders().get());
      connected.headers().set(Hop.PASS, hop.pass());
      long remaining = exchange.remaining(exchange.relay.nanos.getAsLong());
      connected
          .headers()
          .set(Hop.REMAINING, Long.toString(Math.max(1, TimeUnit.NANOSECONDS.toMillis(remaining))));
    }
    trace.propagate(connected.headers());
    connected.exceptionHandler(cause -> broken(connected, cause));
    connected
        .send(exchange.request.body())
        .onComplete(answer -> guarded(() -> headed(connected, answer)));
  }

  private void headed(HttpClientRequest asked, AsyncResult<HttpClientResponse> result) {
    if (done || !asked.equals(request)) {
      return;
    }
    if (result.failed()) {
      broken(asked, result.cause());
      return;
    }
    HttpClientResponse head = result.result();
    response = head;
    head.exceptionHandler(cause -> broken(asked, cause));
    int status = head.statusCode();
    if (status >= 400 && attempt.hop().isPresent() && !head.headers().contains(Hop.REPLICA)) {
      // The other region's router itself refuses what this one found in order: it knows better
      // what can be served there, but not what can be served elsewhere.
      fail(new Failure(status == 429 ? Kind.BUSY : Kind.STATUS, status));
      return;
    }
    if (status == 429) {
      end(new Route.Outcome.Abandoned(), Kind.BUSY.word());
      if (exchange.failedOver(new Failure(Kind.BUSY, status))) {
        discard();
        return;
      }
    } else if (status >= 500) {
      fail(new Failure(Kind.STATUS, status));
      return;
    }
    if (EventStream.is(head)) {
      events =
          new EventStream(exchange.request.dropUsage(), exchange.request.trace().isRecording());
    }
    head.handler(bytes -> guarded(() -> received(bytes)));
    head.endHandler(end -> guarded(this::completed));
  }

  private void received(Buffer bytes) {
    if (done) {
      return;
    }
    heard = true;
    EventStream stream = events;
    if (stream == null) {
      if (began) {
        write(bytes);
      } else {
        hold(bytes);
        if (exchange.request.stream() || held().length() > options.heldBytes()) {
          begin();
        }
      }
      return;
    }
    Buffer events = stream.feed(bytes);
    if (began) {
      if (events.length() > 0) {
        write(events);
      }
      return;
    }
    hold(events);
    switch (stream.opening()) {
      case NOTHING_YET -> {
        if (held().length() > EventStream.MAX_OPENING) {
          begin();
        }
      }
      case CONTENT -> begin();
      case BUSY -> {
        if (response != null) {
          end(new Route.Outcome.Abandoned(), Kind.BUSY.word());
          if (exchange.failedOver(new Failure(Kind.BUSY, 200))) {
            discard();
          } else {
            begin();
          }
        }
      }
      case FAILED -> fail(new Failure(Kind.ERROR_EVENT, 200));
    }
  }

  private void completed() {
    if (done) {
      return;
    }
    EventStream stream = events;
    if (stream == null) {
      Route.Usage usage = Usages.ofBody(held);
      if (exchange.request.trace().isRecording()) {
        traced(usage, Ending.ofBody(held));
      }
      end(new Route.Outcome.Answered(status(), usage), "answered");
      finish(NOTHING, usage);
      return;
    }
    Buffer rest = stream.finish();
    if (!began && held().length() + rest.length() == 0) {
      fail(Failure.of(Kind.RESET));
      return;
    }
    traced(stream.usage(), stream.ending());
    end(new Route.Outcome.Answered(status(), stream.usage()), "answered");
    finish(rest, stream.usage());
  }

  private void traced(Route.Usage usage, Ending ending) {
    exchange.request.trace().answered(usage, ending.model(), ending.reasons());
  }

  /** The engine's answer is complete. */
  private void finish(Buffer rest, Route.Usage usage) {
    done = true;
    if (!began) {
      announce();
      rest = held().appendBuffer(rest);
    }
    exchange.answer.end(rest);
    exchange.over(usage);
  }

  /** Passes on what was held back; from now on there is no way back. */
  private void begin() {
    announce();
    write(held());
    held = null;
  }

  private void announce() {
    began = true;
    if (events != null && status() < 400) {
      attempt
          .firstByte(); // an error needs no prefill, and a whole answer tells not how long it took
    }
    HttpClientResponse head = response;
    if (head != null) {
      exchange.answer.begin(head.statusCode(), head.headers(), attempt, exchange.attempts() > 1);
    }
  }

  private void write(Buffer bytes) {
    exchange.wrote();
    exchange.answer.write(bytes);
  }

  private void hold(Buffer bytes) {
    if (bytes.length() > 0) {
      held = held == null ? bytes : held.appendBuffer(bytes);
    }
  }

  private Buffer held() {
    return held == null ? Buffer.buffer() : held;
  }

  private int status() {
    return response == null ? 0 : response.statusCode();
  }

  private void broken(HttpClientRequest asked, Throwable cause) {
    if (done || !asked.equals(request)) {
      return;
    }
    if (reused && response == null && !stale) {
      // The engine closed an idle connection just as it was taken out of the pool: that says
      // nothing of the engine, and does not count as an attempt.
      stale = true;
      asked.reset();
      request = null;
      send(exchange.relay.fresh);
    } else {
      boolean connecting = response == null && cause instanceof ConnectException;
      // Who resets a stream of many still serves the others.
      boolean unreachable = !(cause instanceof StreamResetException);
      fail(Failure.of(began ? Kind.BROKEN : connecting ? Kind.CONNECT : Kind.RESET), unreachable);
    }
  }

  private void fail(Failure failure) {
    fail(failure, false);
  }

  private void fail(Failure failure, boolean unreachable) {
    boolean late = began;
    String word = failure.kind().word();
    end(new Route.Outcome.Failed(word, unreachable), word);
    discard();
    if (late) {
      exchange.finish(failure);
    } else {
      exchange.failed(failure);
    }
  }

  /** The client is gone: cancels the engine's work by closing the connection. */
  void abandon() {
    if (!done) {
      end(new Route.Outcome.Abandoned(), "abandoned");
      discard();
    }
  }

  private void discard() {
    done = true;
    held = null;
    if (request != null) {
      request.reset();
    }
  }

  private void end(Route.Outcome outcome, String word) {
    if (!ended) {
      ended = true;
      attempt.end(outcome);
      exchange.relay.observer.ended(word);
      boolean failed = outcome instanceof Route.Outcome.Failed;
      trace.end(word, failed, status(), exchange.relay.nanos.getAsLong());
    }
  }

  void pause() {
    HttpClientResponse source = response;
    if (source != null && !done && !paused) {
      paused = true;
      pausedAt = exchange.relay.nanos.getAsLong();
      source.pause();
    }
  }

  void resume() {
    HttpClientResponse source = response;
    if (source != null && !done && paused) {
      paused = false;
      lastByte = exchange.relay.nanos.getAsLong();
      source.resume();
    }
  }

  /** Whether the client may get a comment now: no event is half written, and it reads. */
  boolean betweenEvents() {
    EventStream stream = events;
    return !paused && (!began || (stream != null && stream.betweenEvents()));
  }

  void tick(long now) {
    if (done) {
      return;
    }
    if (!began && attempt.hop().filter(Hop::lost).isPresent()) {
      fail(Failure.of(Kind.RESET), true);
      return;
    }
    if (heard) {
      heard = false;
      lastByte = now;
    }
    if (paused) {
      if (now - pausedAt > options.slowClient().toNanos()) {
        exchange.abort(Kind.SLOW_CLIENT);
      }
    } else if (held == null && !began) {
      Limits limits = exchange.request.limits();
      var limit = exchange.request.stream() ? limits.firstByte() : limits.answer();
      if (now - started > limit.toNanos() || exchange.remaining(now) < 0) {
        fail(Failure.of(Kind.FIRST_BYTE_TIMEOUT));
      }
    } else if (now - lastByte > exchange.request.limits().idle().toNanos()) {
      fail(Failure.of(began ? Kind.IDLE_TIMEOUT : Kind.FIRST_BYTE_TIMEOUT));
    }
  }
}
