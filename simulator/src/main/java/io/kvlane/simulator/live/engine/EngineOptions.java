package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.SchedulerLimits;
import io.kvlane.simulator.engine.StepCost;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Everything that shapes a simulated engine.
 *
 * @param name what the engine calls itself in its log and its ready line
 * @param port HTTP port, 0 for any free one
 * @param models names it serves, the first being the default
 * @param loras LoRA adapters it serves as models of their own
 * @param cacheBlocks size of the KV cache
 * @param maxModelLen most tokens of prompt and answer together
 * @param overhead what every request waits before it is queued, time scale not applied
 * @param events null for an engine that publishes no events
 */
public record EngineOptions(
    String name,
    String host,
    int port,
    List<String> models,
    List<String> loras,
    int cacheBlocks,
    int maxModelLen,
    Duration overhead,
    SchedulerLimits limits,
    StepCost cost,
    @Nullable EventOptions events) {

  public EngineOptions {
    models = List.copyOf(models);
    loras = List.copyOf(loras);
  }

  /**
   * The options that {@code kvlane-engine} would run with.
   *
   * @throws CommandLine.ParameterException if they are wrong, with a message for people
   */
  public static EngineOptions of(String... arguments) {
    EngineMain main = new EngineMain();
    new CommandLine(main).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return main.options();
  }

  int cacheTokens() {
    return cacheBlocks * limits.blockSize();
  }
}
