package io.kvlane.agent.event;

import java.util.Locale;

/**
 * Something that could not be understood or used, and was left out. Never holds token ids, salts or
 * other prompt content.
 *
 * @param reason what to count it under
 * @param detail what was wrong and where, for people
 */
public record Problem(Reason reason, String detail) {

  /** Why something was left out; a bounded set, fit for a metric's label. */
  public enum Reason {
    /** A multipart message that is not topic, sequence and payload. */
    MALFORMED_MESSAGE,
    /** A replay socket that cannot be asked, such as one whose name cannot be resolved. */
    NO_REPLAY,
    /** A payload that is not a batch; all its events are lost. */
    MALFORMED_BATCH,
    /** An event of a known kind with a field that cannot be read; lost alone. */
    MALFORMED_EVENT,
    /** A removal that cannot be read: any block of its publisher may be the one that is gone. */
    LOST_REMOVAL,
    /** An event of a kind that this reader does not know; lost alone. */
    UNKNOWN_EVENT,
    /** A field or array element that this reader does not know; its event is kept. */
    UNKNOWN_FIELD,
    /** Bytes after the end of the batch; the batch is kept. */
    TRAILING_BYTES,
    /** Blocks stored behind one that is not known: what they grow from cannot be told. */
    UNKNOWN_PARENT,
    /** A block that names itself as its parent. */
    SELF_PARENT,
    /** A block that was removed or given a tier, but is not known. */
    UNKNOWN_BLOCK,
    /** Blocks of a size that cannot make up this pool's blocks, partial ones included. */
    BLOCK_SIZE,
    /** Token pairs that do not overlap: no row of tokens can be read from them. */
    TOKEN_PAIRS,
    /** More blocks than the engine can hold: removals were lost. */
    TOO_MANY_BLOCKS;

    /** The reason as a metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
