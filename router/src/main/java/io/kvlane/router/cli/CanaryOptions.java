package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who is served first by what is applied; all at once if nothing is said. */
final class CanaryOptions {
  @Option(
      names = "--canary-percent",
      paramLabel = "PERCENT",
      description = "Serve that part of the requests by it first, 1 to 99.")
  private @Nullable Integer percent;

  @Option(
      names = "--canary-region",
      paramLabel = "REGION",
      description = "Serve all requests of that region by it first; may be given again.")
  private List<String> regions = new ArrayList<>();

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description = "How long a canary lasts at least (default: 300).")
  private @Nullable Long hold;

  @Option(
      names = "--max-error-rate",
      paramLabel = "PART",
      description = "Take a canary back if more of its requests fail, 0 to 1.")
  private @Nullable Double maxErrorRate;

  @Option(
      names = "--max-ttft-p95",
      paramLabel = "MS",
      description = "Take it back if the 95th percentile of its first bytes takes longer.")
  private @Nullable Long maxTtft;

  @Option(
      names = "--min-hit-ratio",
      paramLabel = "PART",
      description = "Take it back if less of its prompts is cached, 0 to 1.")
  private @Nullable Double minHitRatio;

  @Option(
      names = "--min-requests",
      paramLabel = "N",
      description = "Conclude nothing from fewer of its requests (default: 100).")
  private @Nullable Integer minRequests;

  @Option(
      names = "--manual",
      description = "Wait for kvlane rollout promote, however long it has held.")
  private boolean manual;

  /** As the API wants it; null if nothing was said. */
  @Nullable ObjectNode rollout() throws Failure {
    ObjectNode rollout = JsonNodeFactory.instance.objectNode();
    if (percent != null) {
      rollout.put("percent", percent);
    }
    if (!regions.isEmpty()) {
      ArrayNode named = rollout.putArray("regions");
      regions.forEach(named::add);
    }
    boolean canary = !rollout.isEmpty();
    if (hold != null) {
      rollout.put("holdSeconds", hold);
    }
    ObjectNode slo = JsonNodeFactory.instance.objectNode();
    if (maxErrorRate != null) {
      slo.put("maxErrorRate", maxErrorRate);
    }
    if (maxTtft != null) {
      slo.put("maxTtftP95Ms", maxTtft);
    }
    if (minHitRatio != null) {
      slo.put("minHitRatio", minHitRatio);
    }
    if (minRequests != null) {
      slo.put("minRequests", minRequests);
    }
    if (!slo.isEmpty()) {
      rollout.set("slo", slo);
    }
    if (manual) {
      rollout.put("promote", "MANUAL");
    }
    if (!canary && !rollout.isEmpty()) {
      throw Failure.usage("--canary-percent or --canary-region: missing (the rest is about them)");
    }
    return canary ? rollout : null;
  }
}
