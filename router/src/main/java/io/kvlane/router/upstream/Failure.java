package io.kvlane.router.upstream;

/**
 * Why there is no complete answer.
 *
 * @param kind what went wrong
 * @param engineStatus the engine's HTTP status if it sent one, else 0
 */
public record Failure(Kind kind, int engineStatus) {
  /** What went wrong at the last engine tried. */
  public enum Kind {
    /** No connection: refused, unreachable or too slow. */
    CONNECT("connect"),
    /** The connection broke before anything was passed on. */
    RESET("reset"),
    /** A 5xx. */
    STATUS("status"),
    /** A 429, or an overload told in the stream. */
    BUSY("busy"),
    /** An error told as the stream's first event. */
    ERROR_EVENT("error_event"),
    /** The first byte did not come in time. */
    FIRST_BYTE_TIMEOUT("first_byte_timeout"),
    /** Silence in the middle of an answer. */
    IDLE_TIMEOUT("idle_timeout"),
    /** The connection broke in the middle of an answer. */
    BROKEN("broken"),
    /** The client does not read. */
    SLOW_CLIENT("slow_client"),
    /** This router stops. */
    SHUTDOWN("shutdown"),
    /** A defect of this router. */
    INTERNAL("internal");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** For metrics and logs. */
    public String word() {
      return word;
    }
  }

  /** A failure without an engine's status. */
  public static Failure of(Kind kind) {
    return new Failure(kind, 0);
  }
}
