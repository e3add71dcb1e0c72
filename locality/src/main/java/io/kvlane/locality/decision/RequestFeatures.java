package io.kvlane.locality.decision;

/**
 * What the decision knows of a request; no prompt text.
 *
 * @param promptTokens length of the prompt, estimated where no tokenizer is used, at least 0
 * @param blockTokens tokens that one block of the request's chain stands for, above 0
 * @param home picks the replicas where the prompt belongs while nobody holds it: equal for requests
 *     that should meet
 * @param sharedTokens length of the prefix that so many requests share that holding it
 *     distinguishes no replica, at least 0
 */
public record RequestFeatures(int promptTokens, double blockTokens, long home, int sharedTokens) {
  /**
   * Where in the key space the prompt lies, at least 0 and below 1: who takes a share of 0.3 takes
   * what lies below 0.3. The first bits of a key are not evenly spread (see {@link
   * io.kvlane.locality.prefix.ResidencyClass}).
   */
  public double place() {
    return (home << 4 >>> 11) * 0x1.0p-53;
  }
}
