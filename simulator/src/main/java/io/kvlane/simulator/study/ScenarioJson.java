package io.kvlane.simulator.study;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.FleetSpec.Fault;
import io.kvlane.simulator.study.Scenario.Load;
import io.kvlane.simulator.study.Scenario.Workload;
import io.kvlane.simulator.workload.Shape;
import java.util.List;

/** A scenario with nothing left to defaults, in the keys of its file: it can be run as it is. */
final class ScenarioJson {
  private ScenarioJson() {}

  static ObjectNode of(Scenario scenario) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("name", scenario.name());
    root.set("fleet", fleet(scenario.fleet()));
    workload(root.putObject("workload"), scenario.workload());
    ArrayNode load = root.putArray(scenario.load() instanceof Load.OfSaturation ? "load" : "speed");
    scenario.load().values().forEach(load::add);
    scenario.cacheTokens().forEach(root.putArray("cacheTokens")::add);
    scenario.policies().forEach(root.putArray("policies")::add);
    scenario.panel().forEach(root.putArray("panel")::add);
    scenario.seeds().forEach(root.putArray("seeds")::add);
    root.put("sloMs", scenario.sloMs());
    root.put("warmUp", scenario.warmUp());
    return root;
  }

  private static ObjectNode fleet(FleetSpec fleet) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    fleet.regions().forEach(node.putArray("regions")::add);
    ArrayNode matrix = node.putArray("roundTripMs");
    for (double[] row : fleet.roundTripMs()) {
      numbers(matrix.addArray(), row);
    }
    node.put("localRoundTripMs", fleet.localRoundTripMs());
    node.put("routersPerRegion", fleet.routersPerRegion());
    ArrayNode replicas = node.putArray("replicasPerRegion");
    for (int n : fleet.replicasPerRegion()) {
      replicas.add(n);
    }
    FleetSpec.Engine engine = fleet.engine();
    node.putObject("engine")
        .put("blockTokens", engine.blockTokens())
        .put("cacheTokens", engine.cacheTokens())
        .put("prefillTokensPerSecond", engine.cost().prefillTokensPerSecond())
        .put("decodeBaseMs", engine.cost().decodeBaseMillis())
        .put("decodePerRequestMs", engine.cost().decodePerRequestMillis())
        .put("maxSequences", engine.maxSequences())
        .put("maxBatchedTokens", engine.maxBatchedTokens());
    FleetSpec.Lag lag = fleet.lag();
    node.putObject("lag")
        .put("eventMs", lag.eventMs())
        .put("loadMs", lag.loadMs())
        .put("gaugeMs", lag.gaugeMs())
        .put("digestMs", lag.digestMs())
        .put("detectMs", lag.detectMs());
    if (!fleet.faults().isEmpty()) {
      ArrayNode faults = node.putArray("faults");
      fleet.faults().forEach(fault -> fault(faults.addObject(), fault, fleet.regions()));
    }
    return node;
  }

  private static void fault(ObjectNode node, Fault fault, List<String> regions) {
    switch (fault) {
      case Fault.ReplicaDown down ->
          node.putObject("replicaDown")
              .put("replica", down.replica())
              .put("atMs", down.atMs())
              .put("untilMs", down.untilMs());
      case Fault.RegionDown down ->
          node.putObject("regionDown")
              .put("region", regions.get(down.region()))
              .put("atMs", down.atMs())
              .put("untilMs", down.untilMs());
      case Fault.Cut cut -> {
        ObjectNode between = node.putObject("cut");
        between.putArray("between").add(regions.get(cut.a())).add(regions.get(cut.b()));
        between.put("atMs", cut.atMs()).put("untilMs", cut.untilMs());
      }
      case Fault.ClockSkew skew ->
          node.putObject("clockSkew")
              .put("region", regions.get(skew.region()))
              .put("aheadMs", skew.aheadMs());
    }
  }

  private static void workload(ObjectNode node, Workload workload) {
    switch (workload) {
      case Workload.Generated(Shape shape) -> {
        ObjectNode generate = node.putObject("generate");
        generate.put("kind", Section.small(shape.kind()));
        prefixes(generate, shape);
        generate
            .put("sessionsPerSecond", shape.sessionsPerSecond())
            .put("userTokens", shape.userTokens())
            .put("outputTokens", shape.outputTokens())
            .put("turns", shape.turns())
            .put("thinkMs", shape.thinkMs())
            .put("documents", shape.documents())
            .put("documentTokens", shape.documentTokens())
            .put("perPrompt", shape.perPrompt())
            .put("roaming", shape.roaming());
      }
      case Workload.Trace trace -> {
        ObjectNode recorded = node.putObject("trace").put("file", trace.file().written());
        recorded.put("requests", trace.requests());
        numbers(recorded.putArray("regionWeights"), trace.regionWeights());
        recorded.put("roaming", trace.roaming());
      }
      case Workload.Azure azure ->
          prefixes(node.putObject("azure").put("file", azure.file().written()), azure.shape());
    }
  }

  private static void prefixes(ObjectNode node, Shape shape) {
    node.put("requests", shape.requests())
        .put("tenants", shape.tenants())
        .put("tenantSkew", shape.tenantSkew())
        .put("systemPrompts", shape.systemPrompts())
        .put("systemSkew", shape.systemSkew())
        .put("systemTokens", shape.systemTokens())
        .put("spread", shape.spread());
    numbers(node.putArray("regionWeights"), shape.regionWeights());
    node.put("dayMs", shape.dayMs());
  }

  private static void numbers(ArrayNode node, double[] numbers) {
    for (double number : numbers) {
      node.add(number);
    }
  }
}
