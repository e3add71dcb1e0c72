package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Results;
import io.kvlane.simulator.fleet.RoutingPolicy;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.workload.Traffic;
import java.util.List;
import java.util.function.Supplier;

/**
 * How fast a workload may come at most. A policy <em>keeps up</em> at a speed if it answers 90 % of
 * the requests with a first token within the objective; one that fails is not answered. Saturation
 * is the highest speed at which some policy of a panel keeps up, so it depends on no single policy
 * that is then compared at a share of it. One rule for all workloads, also for those whose requests
 * wait for answers.
 *
 * <p>The attainment of 90 % is that of Y. Zhong et al., "DistServe", OSDI'24, who call the highest
 * such rate goodput.
 *
 * <p>Faults are left out: saturation is what the whole fleet can do. The search assumes that a
 * policy that keeps up at a speed does so at lower ones. It halves the ratio of its bounds on a
 * logarithmic scale until they are 2 % apart. Deterministic; at most {@link #MAX_RUNS} simulations
 * a policy.
 */
public final class Saturation {
  /** Simulations a policy: to find bounds a factor of {@link #STEP} apart, then to close in. */
  public static final int MAX_RUNS = 15;

  /** Share of the requests that are answered within the objective. */
  public static final double ATTAINMENT = 0.9;

  /** The search ends when the bounds are so close. */
  private static final double PRECISION = 1.02;

  private static final double STEP = 4;

  /** The search gives up so far from the speed that a fleet without caches could do. */
  private static final double SLOWEST = 1 / 64.0;

  private static final double FASTEST = 4096;

  private final FleetSpec fleet;
  private final List<Request> requests;
  private final double sloMs;
  private final long seed;
  private final Runnable ran;
  private final double guess;

  /**
   * @param requests the workload at speed 1
   * @param sloMs objective for the time to first token
   * @param seed of the policies
   * @param ran called after each simulation
   */
  public Saturation(
      FleetSpec fleet, List<Request> requests, double sloMs, long seed, Runnable ran) {
    this.fleet = Fleets.withFaults(fleet, List.of());
    this.requests = requests;
    this.sloMs = sloMs;
    this.seed = seed;
    this.ran = ran;
    guess = guess();
  }

  /**
   * The saturation speed, within 2 %. 0 if nobody keeps up at any speed that was tried, infinite if
   * somebody does at each: the requests are too few, or, where they wait for answers, the sessions
   * are, for the queue to become too long, however fast they begin.
   *
   * @param panel each gives a new factory for every run
   */
  public double of(List<Supplier<RoutingPolicy.Factory>> panel) {
    double best = 0;
    for (Supplier<RoutingPolicy.Factory> policy : panel) {
      if (best < Double.POSITIVE_INFINITY) {
        best = highest(policy, best);
      }
    }
    return best;
  }

  /** The highest speed that is tried; all sessions then begin at practically the same time. */
  public double fastest() {
    return guess * FASTEST;
  }

  /** The highest speed of a policy, or {@code best} if it does not exceed that by the precision. */
  private double highest(Supplier<RoutingPolicy.Factory> policy, double best) {
    double low = best;
    double high = Double.POSITIVE_INFINITY;
    double speed = best > 0 ? best * PRECISION : guess;
    while (high > low * PRECISION) {
      if (low == 0 && speed < guess * SLOWEST) {
        return 0;
      }
      if (keepsUp(policy.get(), speed)) {
        low = speed;
      } else {
        high = speed;
      }
      if (low >= fastest()) {
        return Double.POSITIVE_INFINITY;
      }
      if (low == 0) {
        speed = high / STEP;
      } else if (high == Double.POSITIVE_INFINITY) {
        speed = Math.min(low * STEP, fastest());
      } else {
        speed = Math.sqrt(low * high);
      }
    }
    return low;
  }

  /** The speed at which a fleet that never hits a cache is as busy as can be. */
  private double guess() {
    FleetSpec.Engine engine = fleet.engine();
    double decodeMs =
        engine.cost().decodeBaseMillis() / engine.maxSequences()
            + engine.cost().decodePerRequestMillis();
    double workMs = 0;
    double lastMs = 0;
    double[] atMs = Arrivals.ifAnswersTookNoTime(requests);
    for (Request r : requests) {
      workMs += r.promptTokens() * engine.msPerToken() + r.outputTokens() * decodeMs;
      lastMs = Math.max(lastMs, atMs[r.number()]);
    }
    return Math.clamp(lastMs * fleet.replicas() / Math.max(workMs, 1e-3), 1e-6, 1e6);
  }

  private boolean keepsUp(RoutingPolicy.Factory policy, double speed) {
    Results results = Simulation.run(fleet, Traffic.faster(requests, speed), policy, seed);
    ran.run();
    return Summary.of(results, sloMs, 0).attainment() >= ATTAINMENT;
  }
}
