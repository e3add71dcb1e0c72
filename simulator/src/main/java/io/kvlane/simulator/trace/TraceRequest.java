package io.kvlane.simulator.trace;

/**
 * One request of a trace.
 *
 * @param atMillis arrival, from the trace's start
 * @param inputTokens length of the prompt
 * @param outputTokens length of the answer
 * @param blocks one id per block of {@link MooncakeTrace#BLOCK_TOKENS} prompt tokens, the last
 *     block perhaps partial; equal id means equal block and equal prefix
 */
public record TraceRequest(long atMillis, int inputTokens, int outputTokens, int[] blocks) {

  /** Tokens in block {@code i}. */
  public int tokensIn(int i) {
    return Math.min(MooncakeTrace.BLOCK_TOKENS, inputTokens - i * MooncakeTrace.BLOCK_TOKENS);
  }
}
