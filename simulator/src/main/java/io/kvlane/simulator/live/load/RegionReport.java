package io.kvlane.simulator.live.load;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A run's figures by the region that requests were sent to. */
final class RegionReport {
  private static final double MICROS_PER_MILLI = 1000;
  private static final List<String> HEAD =
      List.of("requests", "errors", "reported", "predicted", "forwarded", "TTFT p50", "TTFT p95");

  private RegionReport() {}

  static String table(RunResult run) {
    StringBuilder out = new StringBuilder();
    out.append("%n%-32s".formatted(run.label() + ", by region of the client"));
    HEAD.forEach(name -> out.append("%11s".formatted(name)));
    out.append('\n');
    run.regions().forEach((region, tally) -> line(out, region, tally));
    line(out, "all", run.tally());
    return out.toString();
  }

  private static void line(StringBuilder out, String region, Tally tally) {
    Histogram ttft = tally.ttft();
    out.append(
        String.format(
            Locale.ROOT,
            "%-32s%,11d%,11d%11.3f%11.3f%11.3f%11.1f%11.1f%n",
            region,
            tally.requests(),
            tally.failed(),
            tally.reportedRatio(),
            tally.predictedRatio(),
            tally.forwardedRatio(),
            ttft.getValueAtPercentile(50) / MICROS_PER_MILLI,
            ttft.getValueAtPercentile(95) / MICROS_PER_MILLI));
  }

  static JsonObject json(Map<String, Tally> regions) {
    JsonObject all = new JsonObject();
    regions.forEach((region, tally) -> all.put(region, json(tally)));
    return all;
  }

  private static JsonObject json(Tally tally) {
    Histogram ttft = tally.ttft();
    return new JsonObject()
        .put("requests", tally.requests())
        .put("errors", tally.failed())
        .put("prompt_tokens", tally.promptTokens())
        .put("hit_ratio_reported", number(tally.reportedRatio()))
        .put("hit_ratio_predicted", number(tally.predictedRatio()))
        .put("forwarded", number(tally.forwardedRatio()))
        .put("ttft_p50_ms", ttft.getValueAtPercentile(50) / MICROS_PER_MILLI)
        .put("ttft_p95_ms", ttft.getValueAtPercentile(95) / MICROS_PER_MILLI);
  }

  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
