package io.kvlane.simulator.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dynatrace.hash4j.hashing.Hashing;

/**
 * What an engine's block hashes grow from: equal text under another LoRA adapter or salt shares no
 * block.
 *
 * @param lora the LoRA adapter's name, empty for the base model
 * @param salt the request's {@code cache_salt}, empty for none; a secret
 */
public record CacheRoot(String lora, String salt) {
  /** The base model without salt. */
  public static final CacheRoot PLAIN = new CacheRoot("", "");

  /** The parent of a first block's hash in an engine whose hashes are seeded with {@code seed}. */
  long hash(long seed) {
    return Hashing.xxh3_64()
        .hashStream()
        .putLong(seed)
        .putByteArray(lora.getBytes(UTF_8))
        .putByteArray(salt.getBytes(UTF_8))
        .getAsLong();
  }

  /** Leaves the salt out: it is a secret. */
  @Override
  public String toString() {
    return "CacheRoot[lora=" + lora + (salt.isEmpty() ? "]" : ", salted]");
  }
}
