package io.kvlane.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineStatusTest {
  private static EngineStatus status(String page) {
    return EngineStatus.UNKNOWN.withMetrics(new MetricsText(page));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_total"})
  void withMetrics_vllm_ranksAreAddedUp(String suffix) {
    EngineStatus status =
        status(
            """
            # HELP vllm:num_requests_running running
            vllm:num_requests_running{engine="0",model_name="m"} 2.0
            vllm:num_requests_running{engine="1",model_name="m"} 1.0
            vllm:num_requests_waiting{engine="0"} 4.0
            vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 9.0
            vllm:kv_cache_usage_perc{engine="0"} 0.25
            vllm:kv_cache_usage_perc{engine="1"} 0.5
            vllm:cache_config_info{block_size="32",engine="0",num_gpu_blocks="100"} 1.0
            vllm:cache_config_info{block_size="32",engine="1",num_gpu_blocks="100"} 1.0
            vllm:request_success%s{engine="0",finished_reason="stop"} 7.0
            vllm:request_success%s{engine="0",finished_reason="length"} 5.0
            process_start_time_seconds 1.7e9
            """
                .formatted(suffix, suffix));

    assertThat(status.running()).isEqualTo(3);
    assertThat(status.waiting()).isEqualTo(4);
    assertThat(status.kvUsage()).isEqualTo(0.5);
    assertThat(status.pageSize()).isEqualTo(32);
    assertThat(status.cacheTokens()).isEqualTo(6_400);
    assertThat(status.finished()).isEqualTo(12);
    assertThat(status.startedAt()).isEqualTo(1.7e9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_total"})
  void withMetrics_sglang(String suffix) {
    EngineStatus status =
        status(
            """
            sglang:num_running_reqs{model_name="m"} 3
            sglang:num_queue_reqs{model_name="m"} 1
            sglang:token_usage{model_name="m"} 0.125
            sglang:page_size{model_name="m"} 64
            sglang:max_total_num_tokens{model_name="m"} 8192
            sglang:num_requests%s{model_name="m"} 20
            """
                .formatted(suffix));

    assertThat(status.running()).isEqualTo(3);
    assertThat(status.waiting()).isEqualTo(1);
    assertThat(status.kvUsage()).isEqualTo(0.125);
    assertThat(status.pageSize()).isEqualTo(64);
    assertThat(status.cacheTokens()).isEqualTo(8_192);
    assertThat(status.finished()).isEqualTo(20);
    assertThat(status.startedAt()).isNaN();
  }

  @Test
  void withMetrics_oldName_isTheSameUsage() {
    assertThat(status("vllm:gpu_cache_usage_perc 0.5").kvUsage()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        "{",
        "}{ 1",
        "a{b=\"c 1",
        "vllm:num_requests_running NaN",
        "vllm:num_requests_running many",
        "<html><body>404</body></html>"
      })
  void withMetrics_nothingUseful_saysNothing(String page) {
    assertThat(status(page)).isEqualTo(EngineStatus.UNKNOWN);
  }

  @Test
  void withHealth_gone_forgetsTheLifeThatEnded() {
    EngineStatus status =
        status("vllm:num_requests_running 3\nprocess_start_time_seconds 5\n")
            .withHealth(EngineStatus.Health.GONE);

    assertThat(status.startedAt()).isNaN();
    assertThat(status.running()).isZero();
  }
}
