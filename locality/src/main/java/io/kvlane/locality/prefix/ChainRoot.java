package io.kvlane.locality.prefix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.dynatrace.hash4j.hashing.Hashing;

/**
 * What a chain grows from. Two prompts share keys only if they share all five components, so one
 * tenant's keys never match another's.
 *
 * @param space what blocks are made of
 * @param model the model's name as the engine serves it
 * @param lora the LoRA adapter's name, empty for the base model
 * @param salt the cache salt that the engine sees, empty for none; a secret, never logged
 * @param blockSize tokens per block ({@link KeySpace#TOKENS}) or bytes per chunk ({@link
 *     KeySpace#TEXT}), at least 1
 */
public record ChainRoot(KeySpace space, String model, String lora, String salt, int blockSize) {

  public ChainRoot {
    requireNonNull(space, "space");
    requireNonNull(model, "model");
    requireNonNull(lora, "lora");
    requireNonNull(salt, "salt");
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 1)");
    }
  }

  /** The parent key of a chain's first block. */
  public long key() {
    long hash =
        Hashing.xxh3_64()
            .hashStream()
            .putInt(space.code())
            .putInt(blockSize)
            .putByteArray(model.getBytes(UTF_8))
            .putByteArray(lora.getBytes(UTF_8))
            .putByteArray(salt.getBytes(UTF_8))
            .getAsLong();
    return ResidencyClass.root(ResidencyClass.ofSalt(salt), hash);
  }

  /** Leaves the salt out: it is a secret. */
  @Override
  public String toString() {
    return "ChainRoot["
        + space
        + ", "
        + model
        + ", lora="
        + lora
        + ", blockSize="
        + blockSize
        + ']';
  }
}
