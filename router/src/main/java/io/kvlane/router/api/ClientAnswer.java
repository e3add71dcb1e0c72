package io.kvlane.router.api;

import io.kvlane.router.routing.Route;
import io.kvlane.router.upstream.Answer;
import io.kvlane.router.upstream.Exchange;
import io.kvlane.router.upstream.Failure;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes one answer to a client, and has the engine wait while the client does not keep up. */
final class ClientAnswer implements Answer {
  private static final String COMMENT = ": keep-alive\n\n";
  private static final int MAX_REFRAMED = 1 << 20;

  private final ApiRequest request;
  private final HttpServerResponse response;
  private final ErrorShape shape;
  private final String requestId;
  private final FlushQueue flushes;
  private @Nullable Exchange exchange;
  private @Nullable Buffer pending;
  private boolean began;
  private boolean events;

  /** The head went out before an engine answered. */
  private boolean early;

  /** An answer that is no stream, but has to become an event of one. */
  private @Nullable Buffer reframed;

  private boolean closed;

  ClientAnswer(
      ApiRequest request,
      HttpServerResponse response,
      ErrorShape shape,
      String requestId,
      FlushQueue flushes) {
    this.request = request;
    this.response = response;
    this.shape = shape;
    this.requestId = requestId;
    this.flushes = flushes;
  }

  void from(Exchange source) {
    exchange = source;
  }

  /** The client is gone: nothing is written any more. */
  void close() {
    closed = true;
    pending = null;
  }

  @Override
  public void begin(int status, MultiMap headers, Route.Attempt attempt, boolean failover) {
    began = true;
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    boolean stream = type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    if (early) {
      reframed = stream ? null : Buffer.buffer();
      request.decision(failover);
      request.began(status, attempt);
      return;
    }
    events = stream;
    MultiMap to = response.headers();
    Headers.toClient(headers, to);
    response.setStatusCode(status);
    if ((status == 429 || status == 503) && !to.contains(Headers.RETRY_AFTER)) {
      to.set(Headers.RETRY_AFTER, "1");
    }
    to.set(Headers.DECISION, request.decision(failover));
    if (attempt.hop().isEmpty()) {
      to.set(Headers.REPLICA, attempt.replica());
      to.set(Headers.CACHED_TOKENS, Integer.toString(attempt.predictedCachedTokens()));
    }
    name();
    request.began(status, attempt);
    to.add(Headers.SERVER_TIMING, request.serverTiming());
  }

  /** Sets the headers that every answer of the API has. */
  private void name() {
    MultiMap to = response.headers();
    to.set(Headers.REQUEST_ID, requestId);
    if (shape == ErrorShape.ANTHROPIC) {
      to.set(Headers.ANTHROPIC_REQUEST_ID, requestId);
    }
    if (!to.contains(Headers.REGION)) {
      to.set(Headers.REGION, request.region()); // of a forwarded request, the other router said so
    }
    request.name(to);
    if (request.lastOfConnection()) {
      to.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  @Override
  public void keepAlive() {
    if (closed || reframed != null) {
      return;
    }
    if (!began) {
      began = true;
      early = true;
      events = true;
      response.headers().set(HttpHeaders.CONTENT_TYPE, "text/event-stream");
      name();
    }
    send(Buffer.buffer(COMMENT));
  }

  @Override
  public void write(Buffer bytes) {
    Buffer whole = reframed;
    if (closed || whole == null) {
      send(bytes);
    } else if (whole.length() + bytes.length() <= MAX_REFRAMED) {
      whole.appendBuffer(bytes);
    } else {
      cut();
    }
  }

  /** Breaks the answer off: the connection's end tells the client, and frees the rest. */
  void cut() {
    closed = true;
    pending = null;
    response.reset();
  }

  private void send(Buffer bytes) {
    if (closed) {
      return;
    }
    if (pending == null) {
      pending = bytes;
      flushes.add(this);
    } else {
      pending.appendBuffer(bytes);
    }
  }

  /** Sends what was written in this turn of the loop. */
  void flush() {
    Buffer bytes = pending;
    if (bytes == null || closed) {
      return;
    }
    pending = null;
    if (!response.headWritten()) {
      response.setChunked(true);
    }
    response.write(bytes);
    Exchange source = exchange;
    if (source != null && response.writeQueueFull()) {
      source.pause();
      response.drainHandler(drained -> source.resume());
    }
  }

  @Override
  public void end(Buffer last) {
    if (closed) {
      return;
    }
    closed = true;
    Buffer whole = reframed;
    if (whole != null) {
      last = shape.event(whole.appendBuffer(last));
    }
    Buffer bytes = pending;
    pending = null;
    if (bytes != null) {
      if (!response.headWritten()) {
        response.setChunked(true);
      }
      last = bytes.appendBuffer(last);
    }
    if (last.length() == 0 && response.headWritten()) {
      response.end();
    } else {
      response.end(last);
    }
  }

  @Override
  public void fail(Failure failure) {
    if (closed) {
      return;
    }
    ApiError error = ApiError.of(failure);
    request.broke(failure, error);
    if (failure.kind() == Failure.Kind.SLOW_CLIENT || (began && !events)) {
      cut(); // an end would make the answer look complete
    } else if (began) {
      reframed = null;
      end(shape.event(shape.body(error, requestId)));
    } else {
      request.refuse(error);
    }
  }

  @Override
  public void over(Route.Usage usage) {
    request.over(usage);
  }

  /** Answers with an error in place of an engine's answer. */
  void refuse(ApiError error) {
    if (closed) {
      return;
    }
    closed = true;
    int status = shape.status(error);
    MultiMap to = response.headers();
    name();
    to.set(HttpHeaders.CONTENT_TYPE, Headers.JSON);
    if (error.retryAfter() > 0 || error.status() == 429 || error.status() == 503) {
      to.set(Headers.RETRY_AFTER, Integer.toString(Math.max(1, error.retryAfter())));
    }
    if (error.retryAfter() == 0 && (status == 408 || status == 429 || status >= 500)) {
      to.set(Headers.SHOULD_RETRY, "false");
    }
    response.setStatusCode(status).end(shape.body(error, requestId));
  }
}
