package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.Scheduler;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prometheus text under vLLM's names. Gauges change once per step, as vLLM's do. Confined to the
 * engine's context.
 */
final class EngineMetrics {
  private static final double[] TTFT_SECONDS = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80
  };

  private final String model;
  private final int blockSize;
  private final int blocks;
  private final Map<String, Long> finished = new TreeMap<>(Map.of("length", 0L, "stop", 0L));
  private final long[] ttft = new long[TTFT_SECONDS.length];
  private long ttftCount;
  private double ttftSum;
  private int running;
  private int waiting;
  private double usage;
  private long queried;
  private long hit;
  private long preempted;
  private long promptTokens;
  private long promptTokensCached;
  private long generationTokens;

  EngineMetrics(EngineOptions options) {
    model = options.models().getFirst();
    blockSize = options.limits().blockSize();
    blocks = options.cacheBlocks();
  }

  void refresh(Scheduler scheduler) {
    running = scheduler.running();
    waiting = scheduler.waiting();
    usage = scheduler.usage();
    queried = scheduler.totals().queriedTokens();
    hit = scheduler.totals().hitTokens();
    preempted = scheduler.totals().preemptions();
  }

  void firstToken(double seconds) {
    ttftCount++;
    ttftSum += seconds;
    for (int i = 0; i < ttft.length; i++) {
      if (seconds <= TTFT_SECONDS[i]) {
        ttft[i]++;
      }
    }
  }

  void finished(String reason, Usage tokens) {
    finished.merge(reason, 1L, Long::sum);
    promptTokens += tokens.prompt();
    promptTokensCached += tokens.cached();
    generationTokens += tokens.completion();
  }

  int load() {
    return running + waiting;
  }

  String render() {
    StringBuilder out = new StringBuilder(4096);
    String labels = "engine=\"0\",model_name=\"" + model.replace("\"", "\\\"") + '"';
    value(out, "gauge", "num_requests_running", labels, running);
    value(out, "gauge", "num_requests_waiting", labels, waiting);
    value(out, "gauge", "kv_cache_usage_perc", labels, usage);
    value(out, "counter", "prefix_cache_queries_total", labels, queried);
    value(out, "counter", "prefix_cache_hits_total", labels, hit);
    value(out, "counter", "num_preemptions_total", labels, preempted);
    value(out, "counter", "prompt_tokens_total", labels, promptTokens);
    value(out, "counter", "prompt_tokens_cached_total", labels, promptTokensCached);
    value(out, "counter", "generation_tokens_total", labels, generationTokens);
    value(
        out,
        "gauge",
        "cache_config_info",
        "block_size=\""
            + blockSize
            + "\",enable_prefix_caching=\"True\",engine=\"0\",num_gpu_blocks=\""
            + blocks
            + '"',
        1);
    out.append("# TYPE vllm:request_success_total counter\n");
    finished.forEach(
        (reason, count) ->
            sample(
                out,
                "request_success_total",
                labels + ",finished_reason=\"" + reason + '"',
                count));
    out.append("# TYPE vllm:time_to_first_token_seconds histogram\n");
    for (int i = 0; i < ttft.length; i++) {
      sample(
          out,
          "time_to_first_token_seconds_bucket",
          labels + ",le=\"" + TTFT_SECONDS[i] + '"',
          ttft[i]);
    }
    sample(out, "time_to_first_token_seconds_bucket", labels + ",le=\"+Inf\"", ttftCount);
    sample(out, "time_to_first_token_seconds_sum", labels, ttftSum);
    sample(out, "time_to_first_token_seconds_count", labels, ttftCount);
    return out.toString();
  }

  private static void value(
      StringBuilder out, String type, String name, String labels, Number value) {
    out.append("# TYPE vllm:").append(name).append(' ').append(type).append('\n');
    sample(out, name, labels, value);
  }

  private static void sample(StringBuilder out, String name, String labels, Number value) {
    out.append("vllm:").append(name).append('{').append(labels).append("} ");
    out.append(value).append('\n');
  }
}
