package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.Results;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What came of one run. Ratios and shares are 0 to 1; what cannot be told, for example a percentile
 * of nothing, is NaN. A request is served once its first token came. Warm-up requests count nowhere
 * but in {@code crossRegionBytes} and {@code utilisation}.
 *
 * @param requests counted
 * @param failed of those, with an error or a broken stream
 * @param refused of the failed ones, those that routers refused until their clients gave up
 * @param hitRatio prompt tokens of served requests that were found in a cache
 * @param predictedHitRatio and that the policy expected there
 * @param ttftMs percentiles 0 to 100 of the time to first token; nearest rank. Those refused count
 *     as infinite, so that nobody gets faster by refusing
 * @param endToEndMs percentiles 0 to 100 of the time to the last token; nearest rank
 * @param throughput requests finished a second, from the first counted arrival to the last token
 * @param goodput of those, with a first token within the objective
 * @param attainment share of the counted requests, failed ones too, that were answered with a first
 *     token within the objective
 * @param imbalance uncached prompt tokens served: the busiest replica's over the mean; 1 is even
 * @param crossRegionShare served requests whose replica is in another region than their client
 * @param crossRegionBytes prompts and answers sent between regions, roughly
 * @param utilisation time that replicas computed over the arrival span, each at most 1, mean over
 *     the replicas; work left over after the last arrival is counted into the span
 */
public record Summary(
    int requests,
    int failed,
    int refused,
    double hitRatio,
    double predictedHitRatio,
    List<Double> ttftMs,
    List<Double> endToEndMs,
    double throughput,
    double goodput,
    double attainment,
    double imbalance,
    double crossRegionShare,
    double crossRegionBytes,
    double utilisation) {

  public Summary {
    ttftMs = List.copyOf(ttftMs);
    endToEndMs = List.copyOf(endToEndMs);
  }

  /**
   * Sums up a run.
   *
   * @param sloMs objective for the time to first token
   * @param warmUp share of the first arrivals that are not counted
   */
  public static Summary of(Results results, double sloMs, double warmUp) {
    int[] counted = counted(results, warmUp);
    int[] served = filter(counted, i -> !Double.isNaN(results.ttftMs()[i]));
    int[] refused =
        filter(
            counted,
            i ->
                results.failed()[i]
                    && results.refused()[i] > 0
                    && Double.isNaN(results.ttftMs()[i]));
    int[] finished =
        filter(served, i -> !results.failed()[i] && !Double.isNaN(results.endToEndMs()[i]));
    double prompt = sum(served, results.promptTokens());
    double good = filter(finished, i -> results.ttftMs()[i] <= sloMs).length;
    double first =
        Arrays.stream(counted).mapToDouble(i -> results.arrivalMs()[i]).min().orElse(Double.NaN);
    double seconds = (results.endMs() - first) / 1e3;
    return new Summary(
        counted.length,
        filter(counted, i -> results.failed()[i]).length,
        refused.length,
        ratio(sum(served, results.cachedTokens()), prompt),
        ratio(sum(served, results.predictedTokens()), prompt),
        percentiles(served, results.ttftMs(), refused.length),
        percentiles(finished, results.endToEndMs(), 0),
        ratio(finished.length, seconds),
        ratio(good, seconds),
        ratio(good, counted.length),
        imbalance(results, served),
        ratio(filter(served, i -> abroad(results, i)).length, served.length),
        results.crossRegionBytes(),
        utilisation(results));
  }

  /** The requests but the first ones, by time of arrival. */
  private static int[] counted(Results results, double warmUp) {
    double[] arrivals = results.arrivalMs();
    int skipped = (int) Math.floor(warmUp * arrivals.length);
    return IntStream.range(0, arrivals.length)
        .boxed()
        .sorted((a, b) -> Double.compare(arrivals[a], arrivals[b]))
        .skip(skipped)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int[] filter(int[] numbers, java.util.function.IntPredicate which) {
    return Arrays.stream(numbers).filter(which).toArray();
  }

  private static double sum(int[] numbers, int[] of) {
    return Arrays.stream(numbers).mapToLong(i -> of[i]).sum();
  }

  private static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : Double.NaN;
  }

  private static boolean abroad(Results results, int request) {
    return results.replicaRegion()[results.replica()[request]] != results.clientRegion()[request];
  }

  private static List<Double> percentiles(int[] numbers, double[] of, int infinite) {
    double[] sorted =
        DoubleStream.concat(
                Arrays.stream(numbers).mapToDouble(i -> of[i]).sorted(),
                DoubleStream.generate(() -> Double.POSITIVE_INFINITY).limit(infinite))
            .toArray();
    return IntStream.rangeClosed(0, 100)
        .mapToObj(
            p ->
                sorted.length == 0
                    ? Double.NaN
                    : sorted[Math.max(0, Math.ceilDiv(p * sorted.length, 100) - 1)])
        .toList();
  }

  private static double imbalance(Results results, int[] served) {
    double[] uncached = new double[results.replicaRegion().length];
    for (int i : served) {
      uncached[results.replica()[i]] += results.promptTokens()[i] - results.cachedTokens()[i];
    }
    double mean = Arrays.stream(uncached).average().orElse(Double.NaN);
    return ratio(Arrays.stream(uncached).max().orElse(Double.NaN), mean);
  }

  private static double utilisation(Results results) {
    double first = Arrays.stream(results.arrivalMs()).min().orElse(Double.NaN);
    double last = Arrays.stream(results.arrivalMs()).max().orElse(Double.NaN);
    return Arrays.stream(results.busyMs())
        .map(busy -> Math.min(1, ratio(busy, last - first)))
        .average()
        .orElse(Double.NaN);
  }
}
