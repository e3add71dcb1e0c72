package io.kvlane.router.upstream;

import io.kvlane.router.routing.Route;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * The client's side of an {@link Exchange}: receives the one answer that was chosen among the
 * attempts. Called on the exchange's event loop.
 */
public interface Answer {
  /**
   * The answer begins; from now on nothing is retried.
   *
   * @param status the engine's status
   * @param headers the engine's headers
   * @param attempt who answers
   * @param failover whether other replicas were tried before
   */
  void begin(int status, MultiMap headers, Route.Attempt attempt, boolean failover);

  /**
   * Nothing has come from the engine for a while. May come before {@link #begin}, and then commits
   * the answer to being an event stream. Always between events.
   */
  void keepAlive();

  /** Bytes of the body, in order. */
  void write(Buffer bytes);

  /** The body is complete, {@code last} being its end. */
  void end(Buffer last);

  /** The answer failed, before or after it began. Nothing follows. */
  void fail(Failure failure);

  /**
   * The exchange is over, whatever became of it; called exactly once, last.
   *
   * @param usage what the engine reported
   */
  void over(Route.Usage usage);
}
