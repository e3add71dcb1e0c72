package io.kvlane.simulator.whatif;

/**
 * What is known of a request that was served: features only, never text.
 *
 * @param atMs arrival, milliseconds from the start of the recording
 * @param chain keys of the prompt's full blocks, first block first; of as many tokens as the
 *     simulated engine's blocks have
 * @param promptTokens length of the prompt, at least 1
 * @param outputTokens length of the answer, at least 1
 * @param region the client's region, from 0
 * @param tenant number of the tenant
 * @param session number of the conversation
 */
public record RecordedRequest(
    double atMs,
    long[] chain,
    int promptTokens,
    int outputTokens,
    int region,
    int tenant,
    int session) {

  public RecordedRequest {
    if (!(atMs >= 0) || promptTokens < 1 || outputTokens < 1 || region < 0) {
      throw new IllegalArgumentException(
          "recorded request: expected times and regions from 0 and lengths from 1");
    }
  }
}
