package io.kvlane.locality.prefix;

/** What the blocks of a chain are made of. Keys of different spaces never match. */
public enum KeySpace {
  /** Fixed-size chunks of the canonical prompt bytes: needs no tokenizer, works with any engine. */
  TEXT(1),
  /** The engine's own blocks of token ids: exact, fed by KV events. */
  TOKENS(2);

  private final int code;

  KeySpace(int code) {
    this.code = code;
  }

  /** The space's number on the wire and in keys; never reused. */
  public int code() {
    return code;
  }
}
