package io.kvlane.simulator.fleet;

/**
 * What became of each request, by its number.
 *
 * @param ttftMs time to first token as the client saw it; NaN if there was none
 * @param endToEndMs time to the last token; NaN if there was none
 * @param promptTokens length of the prompt
 * @param cachedTokens of the prompt, found in the cache
 * @param predictedTokens of the prompt, which the policy expected there
 * @param replica that served it; -1 for none
 * @param arrivalMs when it arrived
 * @param failed whether the client got an error or a broken stream
 * @param refused how often a router refused it; its client tried again, or it failed
 * @param replicaRegion region of each replica
 * @param clientRegion region of each request's client
 * @param endMs when the last answer was complete
 * @param busyMs time that each replica computed
 * @param crossRegionBytes prompts and answers sent between regions, roughly
 */
public record Results(
    double[] ttftMs,
    double[] endToEndMs,
    int[] promptTokens,
    int[] cachedTokens,
    int[] predictedTokens,
    int[] replica,
    double[] arrivalMs,
    boolean[] failed,
    int[] refused,
    int[] replicaRegion,
    int[] clientRegion,
    double endMs,
    double[] busyMs,
    long crossRegionBytes) {

  static Results empty(int requests, int[] replicaRegion, int[] clientRegion) {
    double[] ttft = new double[requests];
    double[] endToEnd = new double[requests];
    java.util.Arrays.fill(ttft, Double.NaN);
    java.util.Arrays.fill(endToEnd, Double.NaN);
    int[] replica = new int[requests];
    java.util.Arrays.fill(replica, -1);
    return new Results(
        ttft,
        endToEnd,
        new int[requests],
        new int[requests],
        new int[requests],
        replica,
        new double[requests],
        new boolean[requests],
        new int[requests],
        replicaRegion,
        clientRegion,
        0,
        new double[replicaRegion.length],
        0);
  }

  Results ended(double end, long bytes) {
    return new Results(
        ttftMs,
        endToEndMs,
        promptTokens,
        cachedTokens,
        predictedTokens,
        replica,
        arrivalMs,
        failed,
        refused,
        replicaRegion,
        clientRegion,
        end,
        busyMs,
        bytes);
  }
}
