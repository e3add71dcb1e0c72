package io.kvlane.simulator.study;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.fleet.Simulation;
import io.kvlane.simulator.workload.Generator;
import io.kvlane.simulator.workload.Shape;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.Locale;

/**
 * How long the simulator takes for many requests: conversations whose prompts are 24 blocks of 512
 * tokens long on average, over 3 regions and 24 replicas.
 */
final class Million {
  private static final int SYSTEM_PROMPTS = 16;

  private Million() {}

  /** Runs KVLane's policy once. */
  static void run(int requests, PrintStream out) {
    FleetSpec fleet = Fleets.of(3, 8, 1_000_000);
    int blockTokens = fleet.engine().blockTokens();
    // Keeps the replicas about three quarters busy; their queues stay short.
    Shape shape =
        new Shape(
            Shape.Kind.CHAT,
            requests,
            10,
            1,
            0,
            SYSTEM_PROMPTS,
            1,
            4000,
            1350,
            100,
            5,
            5000,
            0,
            0,
            0,
            0.5,
            new double[] {40, 30, 30},
            0.05,
            0);
    long started = System.nanoTime();
    List<Request> traffic = Generator.generate(shape, blockTokens, 1);
    long generated = System.nanoTime();
    double blocks = traffic.stream().mapToInt(Request::promptBlocks).average().orElse(0);
    long begun = System.nanoTime();
    Summary summary =
        Summary.of(
            Simulation.run(fleet, traffic, Policies.ALL.fresh(Policies.KVLANE), 1), Bars.SLO_MS, 0);
    double seconds = (System.nanoTime() - begun) / 1e9;
    long peak = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      peak += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
    }
    out.printf(
        Locale.ROOT,
        "%d requests of %.1f blocks: %.1f s, with their generation %.1f s; heap at most %d MiB; hit"
            + " %.3f, p95 TTFT %.0f ms, busy %.2f, failed %d%n",
        requests,
        blocks,
        seconds,
        seconds + (generated - started) / 1e9,
        peak >> 20,
        summary.hitRatio(),
        summary.ttftMs().get(95),
        summary.utilisation(),
        summary.failed());
  }
}
