package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.study.Scenario.Workload;
import io.kvlane.simulator.trace.AzureTrace;
import io.kvlane.simulator.trace.MooncakeTrace;
import io.kvlane.simulator.trace.TraceRequest;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Traffic;
import java.io.IOException;
import java.util.List;

/** Gives a workload's requests for each seed; a trace's file is read once. */
interface Source {
  List<Request> requests(long seed);

  static Source open(Workload workload, int blockTokens) throws ScenarioException {
    try {
      return switch (workload) {
        case Workload.Generated generated ->
            seed -> Generator.generate(generated.shape(), blockTokens, seed);
        case Workload.Trace trace -> {
          List<TraceRequest> read = MooncakeTrace.read(trace.file().path(), trace.requests());
          yield seed -> Traffic.of(read, trace.regionWeights(), trace.roaming(), seed);
        }
        case Workload.Azure azure -> {
          List<AzureTrace.Arrival> read =
              AzureTrace.read(azure.file().path(), azure.shape().requests());
          yield seed -> Generator.around(read, azure.shape(), blockTokens, seed);
        }
      };
    } catch (IOException e) {
      throw new ScenarioException(String.valueOf(e.getMessage()));
    }
  }
}
