package io.kvlane.router.routing;

import io.kvlane.router.region.Hop;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that one request may try, best first. Used by one event loop at a time.
 *
 * <p>Whoever takes an {@link Attempt} must end it exactly once: the work it stands for is charged
 * to the replica until then.
 */
public interface Route {
  /**
   * One word for {@code x-kvlane-decision}: {@code hit}, {@code spill}, {@code home}, {@code
   * forward} to another region, or {@code off}.
   */
  String decision();

  /** Why; null if this kind of routing has no reasons. */
  default @Nullable Reasons reasons() {
    return null;
  }

  /**
   * When the choice began, nanoseconds of {@link System#nanoTime}: before that, token ids were
   * asked for.
   */
  long decidedFrom();

  /**
   * Begins an attempt at the next best replica that this request has not tried; {@code failover}
   * replaces the decision word from the second on. Empty when all were tried.
   */
  Optional<Attempt> next();

  /** A request at a replica, from dispatch to end. */
  interface Attempt {
    /** The replica's name; of a forwarded request the region's. */
    String replica();

    /** The engine's host, or the other region's router's. */
    String host();

    /** Its port. */
    int port();

    /** The other region to which the request is forwarded; empty for an engine of this one. */
    default Optional<Hop> hop() {
      return Optional.empty();
    }

    /** Tokens of the prompt that the replica is believed to hold. */
    int predictedCachedTokens();

    /** The engine's first byte of an answer has come: prefill is done. */
    void firstByte();

    /** Ends the attempt. Later calls do nothing. */
    void end(Outcome outcome);
  }

  /** How an attempt ended. */
  sealed interface Outcome {
    /** The engine answered in full; a client's error (4xx) is an answer too. */
    record Answered(int status, Usage usage) implements Outcome {}

    /**
     * It failed: refused, reset, timed out, said 5xx or broke off. Counts against an engine.
     *
     * @param unreachable whether the connection failed, and not what was asked over it
     */
    record Failed(String reason, boolean unreachable) implements Outcome {}

    /** The client went away, or the engine was too busy (429): says nothing of its health. */
    record Abandoned() implements Outcome {}
  }

  /**
   * Token counts as the engine reported them, each -1 if it did not.
   *
   * @param promptTokens tokens of the prompt
   * @param cachedTokens those served from cache
   * @param outputTokens tokens generated
   */
  record Usage(int promptTokens, int cachedTokens, int outputTokens) {
    /** Nothing was reported. */
    public static final Usage UNKNOWN = new Usage(-1, -1, -1);
  }
}
