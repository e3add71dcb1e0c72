package io.kvlane.agent.engine;

import java.util.List;

/**
 * What the engine's HTTP side said last.
 *
 * @param health whether it answers
 * @param models what it serves, LoRA adapters included; as long as it has not said, empty
 * @param baseModel the first model that is no adapter, empty if unknown
 * @param pageSize tokens per block of its cache, 0 if unknown
 * @param cacheTokens size of its cache in tokens, 0 if unknown
 * @param running requests in its batch
 * @param waiting requests in its queue
 * @param kvUsage share of the cache in use, 0 to 1
 * @param finished requests since the process began, -1 if unknown
 * @param startedAt start of its process, seconds since the epoch; NaN if unknown
 */
public record EngineStatus(
    Health health,
    List<String> models,
    String baseModel,
    int pageSize,
    long cacheTokens,
    int running,
    int waiting,
    double kvUsage,
    long finished,
    double startedAt) {

  /** Nothing heard yet. */
  public static final EngineStatus UNKNOWN =
      new EngineStatus(Health.UNKNOWN, List.of(), "", 0, 0, 0, 0, 0, -1, Double.NaN);

  public EngineStatus {
    models = List.copyOf(models);
  }

  /** How the last health check ended. */
  public enum Health {
    /** None has ended yet. */
    UNKNOWN,
    HEALTHY,
    /**
     * It answered late, or said that it is not well, twice in a row: the process may be the same as
     * before.
     */
    UNHEALTHY,
    /** Nobody listens: the process is gone. */
    GONE
  }

  EngineStatus withHealth(Health changed) {
    // What was said of the load and the life of a process does not outlive it.
    boolean gone = changed == Health.GONE;
    return new EngineStatus(
        changed,
        models,
        baseModel,
        pageSize,
        cacheTokens,
        gone ? 0 : running,
        gone ? 0 : waiting,
        gone ? 0 : kvUsage,
        gone ? -1 : finished,
        gone ? Double.NaN : startedAt);
  }

  EngineStatus withModels(List<String> changed, String base) {
    return new EngineStatus(
        health,
        changed,
        base,
        pageSize,
        cacheTokens,
        running,
        waiting,
        kvUsage,
        finished,
        startedAt);
  }

  /** Takes over what a metrics page of vLLM, SGLang or the simulator says. */
  EngineStatus withMetrics(MetricsText text) {
    int page =
        (int)
            text.label("vllm:cache_config_info", "block_size")
                .max()
                .orElse((long) text.max("sglang:page_size").orElse((double) pageSize));
    long blocks = text.label("vllm:cache_config_info", "num_gpu_blocks").sum();
    double tokens = text.sum("sglang:max_total_num_tokens").orElse((double) cacheTokens);
    double usage =
        text.max("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "sglang:token_usage")
            .orElse(0);
    return new EngineStatus(
        health,
        models,
        baseModel,
        page,
        blocks > 0 ? blocks * page : (long) tokens,
        (int) text.sum("vllm:num_requests_running", "sglang:num_running_reqs").orElse(0),
        (int) text.sum("vllm:num_requests_waiting", "sglang:num_queue_reqs").orElse(0),
        Math.clamp(usage, 0, 1),
        (long) text.sum("vllm:request_success", "sglang:num_requests").orElse(-1),
        text.max("process_start_time_seconds").orElse(Double.NaN));
  }
}
