package io.kvlane.simulator.study;

import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.simulator.engine.StepCost;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what a scenario file says about the fleet. Defaults are those of the reference file. */
final class FleetSection {
  private static final int MAX_REGIONS = 16;
  private static final int MAX_REPLICAS = 1024;
  private static final double MAX_MS = 1e9;
  private static final double MAX_ROUND_TRIP_MS = 10_000;

  private final Section section;
  private final List<String> regions;

  private FleetSection(Section section) throws ScenarioException {
    this.section = section;
    List<String> names = section.texts("regions");
    regions = names.isEmpty() ? Fleets.REGIONS : names;
    if (regions.size() > MAX_REGIONS) {
      throw section.wrong("regions", regions.size() + " regions", "at most " + MAX_REGIONS);
    }
  }

  static FleetSpec read(Section section) throws ScenarioException {
    FleetSection fleet = new FleetSection(section);
    int[] replicas = fleet.replicas();
    FleetSpec spec =
        new FleetSpec(
            fleet.regions,
            fleet.roundTrips(),
            section.number("localRoundTripMs", 0.5, 0, MAX_ROUND_TRIP_MS),
            section.integer("routersPerRegion", 2, 1, 64),
            replicas,
            engine(section.section("engine")),
            lag(section.section("lag")),
            fleet.faults(Arrays.stream(replicas).sum()));
    section.done();
    return spec;
  }

  private int[] replicas() throws ScenarioException {
    List<Integer> given = section.integers("replicasPerRegion", 1, MAX_REPLICAS);
    int[] replicas = new int[regions.size()];
    if (given.size() <= 1 && !section.isList("replicasPerRegion")) {
      Arrays.fill(replicas, given.isEmpty() ? 4 : given.getFirst());
    } else if (given.size() != replicas.length) {
      throw section.wrong(
          "replicasPerRegion",
          given.size() + " numbers",
          "one number, or one for each of the " + replicas.length + " regions");
    } else {
      Arrays.setAll(replicas, given::get);
    }
    int sum = Arrays.stream(replicas).sum();
    if (sum > MAX_REPLICAS) {
      throw section.wrong("replicasPerRegion", sum + " replicas in all", "at most " + MAX_REPLICAS);
    }
    return replicas;
  }

  private double[][] roundTrips() throws ScenarioException {
    return section.isMatrix("roundTripMs") ? matrix() : pairs();
  }

  private double[][] matrix() throws ScenarioException {
    double[][] matrix = section.matrix("roundTripMs", 0, MAX_ROUND_TRIP_MS);
    int n = regions.size();
    boolean fits = matrix.length == n && Arrays.stream(matrix).allMatch(row -> row.length == n);
    for (int i = 0; fits && i < n; i++) {
      for (int j = 0; j < n; j++) {
        fits &= matrix[i][j] == matrix[j][i] && (i != j || matrix[i][j] == 0);
      }
    }
    if (!fits) {
      throw section.wrong(
          "roundTripMs", "a matrix", n + " rows of " + n + ", symmetric, 0 on the diagonal");
    }
    return matrix;
  }

  private double[][] pairs() throws ScenarioException {
    int n = regions.size();
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        matrix[i][j] = i == j ? 0 : usual(regions.get(i), regions.get(j));
      }
    }
    for (Section pair : section.sections("roundTripMs")) {
      int[] between = between(pair);
      double ms = pair.number("ms", 0, MAX_ROUND_TRIP_MS);
      matrix[between[0]][between[1]] = ms;
      matrix[between[1]][between[0]] = ms;
      pair.done();
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        if (Double.isNaN(matrix[i][j])) {
          throw section.wrong(
              "roundTripMs",
              "nothing between " + regions.get(j) + " and " + regions.get(i),
              "a number for every pair of regions");
        }
      }
    }
    return matrix;
  }

  private static double usual(String a, String b) {
    int i = Fleets.REGIONS.indexOf(a);
    int j = Fleets.REGIONS.indexOf(b);
    return i < 0 || j < 0 ? Double.NaN : Fleets.roundTripMs(i, j);
  }

  private int[] between(Section pair) throws ScenarioException {
    List<String> names = pair.texts("between");
    if (names.size() != 2) {
      throw pair.wrong("between", names.size() + " names", "two regions");
    }
    return new int[] {region(pair, "between", names.get(0)), region(pair, "between", names.get(1))};
  }

  private int region(Section at, String key, String name) throws ScenarioException {
    int region = regions.indexOf(name);
    if (region < 0) {
      throw at.wrong(key, '"' + name + '"', "one of " + String.join(", ", regions));
    }
    return region;
  }

  private static FleetSpec.Engine engine(Section section) throws ScenarioException {
    int blockTokens = section.integer("blockTokens", 512, 1, 65_536);
    FleetSpec.Engine engine =
        new FleetSpec.Engine(
            blockTokens,
            section.integer("cacheTokens", 1_000_000, blockTokens, 2_000_000_000),
            section.integer("maxSequences", 256, 1, 65_536),
            section.integer("maxBatchedTokens", 2048, 1, 10_000_000),
            new StepCost(
                section.number("prefillTokensPerSecond", 10_660, 1, 1e9),
                section.number("decodeBaseMs", 12, 0, 10_000),
                section.number("decodePerRequestMs", 0.15, 0, 10_000),
                1));
    section.done();
    return engine;
  }

  private static FleetSpec.Lag lag(Section section) throws ScenarioException {
    FleetSpec.Lag lag =
        new FleetSpec.Lag(
            section.number("eventMs", 50, 0, MAX_MS),
            section.number("loadMs", ReplicaLoad.TOLD_MS, 1, MAX_MS),
            section.number("gaugeMs", 100, 1, MAX_MS),
            section.number("digestMs", 1000, 1, MAX_MS),
            section.number("detectMs", 2000, 0, MAX_MS));
    section.done();
    return lag;
  }

  private List<Fault> faults(int replicas) throws ScenarioException {
    List<Fault> faults = new ArrayList<>();
    for (Section item : section.sections("faults")) {
      int before = faults.size();
      if (item.has("replicaDown")) {
        Section down = item.section("replicaDown");
        int replica = down.integer("replica", 0, replicas - 1);
        faults.add(new Fault.ReplicaDown(replica, at(down), until(down)));
        down.done();
      }
      if (item.has("regionDown")) {
        Section down = item.section("regionDown");
        int region = region(down, "region", down.text("region"));
        faults.add(new Fault.RegionDown(region, at(down), until(down)));
        down.done();
      }
      if (item.has("cut")) {
        Section cut = item.section("cut");
        int[] between = between(cut);
        faults.add(new Fault.Cut(between[0], between[1], at(cut), until(cut)));
        cut.done();
      }
      if (item.has("clockSkew")) {
        Section skew = item.section("clockSkew");
        int region = region(skew, "region", skew.text("region"));
        faults.add(new Fault.ClockSkew(region, skew.number("aheadMs", -MAX_MS, MAX_MS)));
        skew.done();
      }
      item.done();
      if (faults.size() != before + 1) {
        throw section.wrong(
            "faults",
            "an item with " + (faults.size() - before) + " faults",
            "one of replicaDown, regionDown, cut, clockSkew in each item");
      }
    }
    return faults;
  }

  private static double at(Section fault) throws ScenarioException {
    return fault.number("atMs", 0, MAX_MS);
  }

  private static double until(Section fault) throws ScenarioException {
    double until = fault.number("untilMs", 0, MAX_MS);
    if (until <= at(fault)) {
      throw fault.wrong("untilMs", "not after atMs", "a later time");
    }
    return until;
  }
}
