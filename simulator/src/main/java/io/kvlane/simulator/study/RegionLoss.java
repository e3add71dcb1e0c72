package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.workload.Traffic;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * The first region of three is lost for a while and comes back cold. Its users are the moved ones:
 * their hit ratio by time of arrival, in windows of 1/60 of the time in which sessions begin. The
 * first 12 windows are warm-up, 12 are steady, the loss lasts 12; what comes later than the 56th
 * does not count, for there the traffic ends. Columns as in {@link Recovery}.
 *
 * <p>The rest of the fleet has to bear what the whole did: beyond 67 % of saturation it cannot, and
 * queues grow until the return.
 */
final class RegionLoss {
  private static final int WINDOWS = 60;
  private static final int STEADY = 12;
  private static final int LOST = 24;
  private static final int BACK = 36;
  private static final int END = 56;
  private static final int SEED = 1;

  private final Policies policies;
  private final double load;
  private final Progress progress;

  /**
   * @param load share of saturation, of that of the whole fleet
   */
  RegionLoss(Policies policies, double load, Progress progress) {
    this.policies = policies;
    this.load = load;
    this.progress = progress;
  }

  private record Curve(
      double[] hitRatio, Recovery recovery, double p95Ms, int failed, int refused) {}

  /**
   * Measures the policies and prints a table.
   *
   * @param workload at speed 1, over the fleet's regions
   */
  void run(
      FleetSpec fleet, List<Request> workload, List<String> compared, int threads, PrintStream out)
      throws InterruptedException {
    double saturation =
        new Saturation(fleet, workload, Bars.SLO_MS, SEED, () -> {}).of(Bars.panel(policies));
    if (saturation == 0 || Double.isInfinite(saturation)) {
      out.println("no saturation: expected a workload with more sessions, or shorter prompts");
      return;
    }
    List<Request> traffic = Traffic.faster(workload, load * saturation);
    double windowMs =
        traffic.stream()
                .filter(r -> r.follows() == Request.NOTHING)
                .mapToDouble(r -> r.atNanos() / 1e6)
                .max()
                .orElse(0)
            / WINDOWS;
    FleetSpec faulty =
        Fleets.withFaults(
            fleet, List.of(new Fault.RegionDown(0, LOST * windowMs, BACK * windowMs)));
    out.printf(
        Locale.ROOT,
        "%s lost from %.0f to %.0f s; windows of %.1f s; speed %.3g, %.2f of saturation%n",
        fleet.regions().getFirst(),
        LOST * windowMs / 1e3,
        BACK * windowMs / 1e3,
        windowMs / 1e3,
        load * saturation,
        load);
    progress.expect(compared.size());
    List<Callable<Curve>> tasks = new ArrayList<>();
    for (String policy : compared) {
      tasks.add(() -> curve(faulty, traffic, policy, windowMs));
    }
    out.println(
        "policy              steady  back 90 %     dip  second    p95 ms  failed  refused"
            + "  hit ratio of the moved users, from the 20th window on");
    int[] next = {0};
    try (Workers workers = new Workers(threads)) {
      workers.all(
          tasks,
          curve -> {
            progress.end();
            out.println(line(compared.get(next[0]++), curve));
          });
    }
    progress.end();
  }

  private static String line(String policy, Curve curve) {
    Recovery recovery = curve.recovery();
    StringBuilder text = new StringBuilder();
    String time =
        Double.isInfinite(recovery.recoveryMs())
            ? "never"
            : String.format(Locale.ROOT, "%.1f s", recovery.recoveryMs() / 1e3);
    text.append(
        String.format(
            Locale.ROOT,
            "%-18s  %6.3f  %9s  %4.1f %%  %4.1f %%  %8s  %6d  %7d ",
            policy,
            recovery.steady(),
            time,
            100 * recovery.dip(),
            100 * recovery.secondDip(),
            Double.isInfinite(curve.p95Ms())
                ? "refused"
                : String.format(Locale.ROOT, "%.0f", curve.p95Ms()),
            curve.failed(),
            curve.refused()));
    for (int i = 20; i < END; i++) {
      String mark = i == LOST || i == BACK ? " |" : "";
      text.append(mark).append(String.format(Locale.ROOT, " %.2f", curve.hitRatio()[i]));
    }
    return text.toString();
  }

  private Curve curve(FleetSpec fleet, List<Request> traffic, String policy, double windowMs) {
    Results results = Simulation.run(fleet, traffic, policies.fresh(policy), SEED);
    progress.ran();
    double[] hitRatio = Arrays.copyOf(windows(results, 0, windowMs, WINDOWS), END);
    Summary summary = Summary.of(results, Bars.SLO_MS, 0);
    return new Curve(
        hitRatio,
        Recovery.of(hitRatio, windowMs, STEADY, LOST, BACK),
        summary.ttftMs().get(95),
        summary.failed(),
        summary.refused());
  }

  /** Hit ratio of a region's users who were answered, by the window of their arrival. */
  static double[] windows(Results results, int region, double windowMs, int count) {
    double[] hit = new double[count];
    double[] all = new double[count];
    for (int i = 0; i < results.arrivalMs().length; i++) {
      int window = (int) (results.arrivalMs()[i] / windowMs);
      if (results.clientRegion()[i] == region
          && window < count
          && !Double.isNaN(results.ttftMs()[i])) {
        hit[window] += results.cachedTokens()[i];
        all[window] += results.promptTokens()[i];
      }
    }
    for (int i = 0; i < count; i++) {
      hit[i] /= all[i];
    }
    return hit;
  }
}
