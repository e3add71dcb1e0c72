package io.kvlane.router.admin;

import io.kvlane.router.routing.Operations.RegionFleet;
import io.kvlane.router.telemetry.evidence.Evidence;
import io.kvlane.router.telemetry.evidence.Query;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The region's requests of the last hour as they were recorded, and simulations that replay them.
 * Its methods block. Safe for any thread.
 */
final class LastHour {
  /** Requests that are replayed at most, of all models. */
  private static final int MOST_SIMULATED = 1_000;

  private static final Logger log = LoggerFactory.getLogger(LastHour.class);
  private static final long LAST_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final int MOST_OF_A_ROUTER = 1_000;
  private static final long LIMIT_MILLIS = 2_000;

  private final Evidence evidence;
  private final InstantSource clock;

  /** A simulation cannot be broken off, so that no second one begins while one is late. */
  private final Semaphore simulating = new Semaphore(1);

  /**
   * What a simulation found.
   *
   * @param models one by one; empty if there is nothing
   * @param word {@code done}, or why there is nothing
   */
  record Simulated(List<Map<String, Object>> models, String word) {
    static Simulated none(String why) {
      return new Simulated(List.of(), "none: " + why);
    }
  }

  /** Simulates the requests for one model. */
  interface OneModel {
    /**
     * What comes of it.
     *
     * @param regions that serve the model, this one first
     */
    Map<String, Object> of(String model, List<Replay.Case> cases, List<RegionFleet> regions);
  }

  LastHour(Evidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  /** When it began, milliseconds since 1970. */
  long since() {
    return clock.millis() - LAST_MILLIS;
  }

  /**
   * What arrived since then.
   *
   * @param tenants whose requests are looked at; empty for all
   */
  Evidence.Recording requests(long since, Set<String> tenants) {
    Query all = Query.ALL;
    Query query = new Query("", tenants, "", "", "", "", "", "", "", "", 0, since, all.before());
    try {
      return evidence.recorded(query, MOST_OF_A_ROUTER).get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("No recorded requests were found", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Evidence.Recording(List.of(), List.of(), List.of());
  }

  /**
   * Simulates the newest requests for each model that this region serves, if no simulation is under
   * way; waits for it two seconds.
   */
  Simulated simulate(
      Map<String, List<Replay.Case>> byModel, List<RegionFleet> fleet, OneModel simulation) {
    if (!simulating.tryAcquire()) {
      return Simulated.none("another one is under way");
    }
    var task =
        new FutureTask<>(
            () -> {
              try {
                return simulated(byModel, fleet, simulation);
              } finally {
                simulating.release();
              }
            });
    Thread.ofPlatform().daemon().name("kvlane-simulation").start(task);
    try {
      List<Map<String, Object>> models = task.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
      return models.isEmpty()
          ? Simulated.none("nothing in this region serves these requests")
          : new Simulated(models, "done");
    } catch (TimeoutException e) {
      return Simulated.none("it took too long");
    } catch (ExecutionException e) {
      log.error("A simulation failed", e);
      return Simulated.none("it failed; the router's log says why");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Simulated.none("it was broken off");
    }
  }

  private static List<Map<String, Object>> simulated(
      Map<String, List<Replay.Case>> byModel, List<RegionFleet> fleet, OneModel simulation) {
    List<Map<String, Object>> models = new ArrayList<>();
    int left = MOST_SIMULATED;
    for (Map.Entry<String, List<Replay.Case>> entry : byModel.entrySet()) {
      String model = entry.getKey();
      List<RegionFleet> regions =
          fleet.stream().filter(f -> f.model().equals(model) && f.replicas() > 0).toList();
      boolean here = !regions.isEmpty() && regions.getFirst().roundTripMs() == 0;
      List<Replay.Case> newest =
          entry.getValue().stream()
              .sorted(
                  Comparator.comparingLong((Replay.Case c) -> c.request().arrivedMillis())
                      .reversed())
              .limit(left)
              .toList();
      if (here && !newest.isEmpty()) {
        left -= newest.size();
        models.add(simulation.of(model, newest, regions));
      }
    }
    return models;
  }
}
