package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.SchedulerLimits;
import io.kvlane.simulator.engine.StepCost;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvlane-engine}: runs one {@link SimulatedEngine} until the process is told to stop. */
@Command(
    name = "kvlane-engine",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "A simulated LLM engine: vLLM's API, prefix cache, KV events and metrics, without a model.")
public final class EngineMain implements Callable<Integer> {
  private static final int DEFAULT_MAX_MODEL_LEN = 262_144;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--host", defaultValue = "${env:KVLANE_ENGINE_HOST:-127.0.0.1}")
  private String host = "";

  @Option(
      names = "--port",
      defaultValue = "${env:KVLANE_ENGINE_PORT:-0}",
      description = "HTTP port, 0 for any free one.")
  private int port;

  @Option(names = "--name", defaultValue = "${env:KVLANE_ENGINE_NAME:-engine}")
  private String name = "";

  @Option(
      names = "--model",
      split = ",",
      defaultValue = "${env:KVLANE_ENGINE_MODEL:-kvlane-demo}",
      description = "Served model; repeatable.")
  private List<String> models = List.of();

  @Option(
      names = "--lora",
      split = ",",
      defaultValue = "${env:KVLANE_ENGINE_LORA:-" + Option.NULL_VALUE + "}",
      description = "LoRA adapter, served as a model of its own; repeatable.")
  private @Nullable List<String> loras;

  @Option(names = "--block-size", defaultValue = "${env:KVLANE_ENGINE_BLOCK_SIZE:-16}")
  private int blockSize;

  @Option(names = "--cache-tokens", defaultValue = "${env:KVLANE_ENGINE_CACHE_TOKENS:-524288}")
  private int cacheTokens;

  @Option(
      names = "--prefill-tokens-per-second",
      defaultValue = "${env:KVLANE_ENGINE_PREFILL_TOKENS_PER_SECOND:-8000}")
  private double prefillTokensPerSecond;

  @Option(
      names = "--overhead-ms",
      defaultValue = "${env:KVLANE_ENGINE_OVERHEAD_MS:-0}",
      description = "What every request waits before it is queued.")
  private double overheadMs;

  @Option(names = "--decode-base-ms", defaultValue = "${env:KVLANE_ENGINE_DECODE_BASE_MS:-6.0}")
  private double decodeBaseMs;

  @Option(
      names = "--decode-per-request-ms",
      defaultValue = "${env:KVLANE_ENGINE_DECODE_PER_REQUEST_MS:-0.35}")
  private double decodePerRequestMs;

  @Option(names = "--max-num-seqs", defaultValue = "${env:KVLANE_ENGINE_MAX_NUM_SEQS:-256}")
  private int maxNumSeqs;

  @Option(
      names = "--max-num-batched-tokens",
      defaultValue = "${env:KVLANE_ENGINE_MAX_NUM_BATCHED_TOKENS:-8192}")
  private int maxNumBatchedTokens;

  @Option(
      names = "--max-model-len",
      defaultValue = "${env:KVLANE_ENGINE_MAX_MODEL_LEN:-0}",
      description = "Prompt and answer together; 0 = the cache's size, at most 262144.")
  private int maxModelLen;

  @Option(
      names = "--events",
      defaultValue = "${env:KVLANE_ENGINE_EVENTS:-tcp://127.0.0.1:0}",
      description = "ZeroMQ endpoint that KV events are published at (bind).")
  private String events = "";

  @Option(
      names = "--replay",
      defaultValue = "${env:KVLANE_ENGINE_REPLAY:-tcp://127.0.0.1:0}",
      description = "ZeroMQ endpoint that answers replay requests (bind); 'none' for no replay.")
  private String replay = "";

  @Option(names = "--topic", defaultValue = "${env:KVLANE_ENGINE_TOPIC:-kv-events}")
  private String topic = "";

  @Option(names = "--no-events", description = "Publish no KV events.")
  private boolean noEvents;

  @Option(
      names = "--event-format",
      defaultValue = "${env:KVLANE_ENGINE_EVENT_FORMAT:-map}",
      description = "map (vLLM 0.24 and later) or array.")
  private EventOptions.Format eventFormat = EventOptions.Format.MAP;

  @Option(
      names = "--hash-seed",
      defaultValue = "${env:KVLANE_ENGINE_HASH_SEED:-" + Option.NULL_VALUE + "}",
      description = "Seed of the engine's block hashes; random per process if not given.")
  private @Nullable Long hashSeed;

  @Option(
      names = "--time-scale",
      defaultValue = "${env:KVLANE_ENGINE_TIME_SCALE:-1}",
      description = "Divides the duration of all steps: 10 = ten times faster.")
  private double timeScale;

  EngineMain() {}

  public static void main(String[] arguments) {
    int status =
        new CommandLine(new EngineMain())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  line.getErr().println("kvlane-engine: " + error);
                  return 1;
                })
            .execute(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Starts the engine and returns; the process lives on until it is signalled. */
  @Override
  public Integer call() throws Exception {
    Vertx vertx = Vertx.vertx();
    SimulatedEngine engine = SimulatedEngine.start(vertx, options()).await();
    Logger log = LoggerFactory.getLogger(EngineMain.class);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  log.info("engine {} stops", name);
                  engine.close();
                },
                "stop"));
    System.out.println(engine.readyLine());
    return 0;
  }

  EngineOptions options() {
    try {
      SchedulerLimits limits =
          new SchedulerLimits(
              blockSize,
              maxNumSeqs,
              maxNumBatchedTokens,
              hashSeed == null ? RandomGenerator.getDefault().nextLong() : hashSeed);
      int blocks = cacheTokens / blockSize;
      if (blocks < 2) {
        throw new IllegalArgumentException("--cache-tokens: expected at least two blocks");
      }
      int fits = blocks * blockSize;
      if (maxModelLen > fits) {
        throw new IllegalArgumentException(
            "--max-model-len: " + maxModelLen + " (expected: at most the cache's " + fits + ")");
      }
      return new EngineOptions(
          name,
          host,
          port,
          models,
          loras == null ? List.of() : loras,
          blocks,
          maxModelLen > 0 ? maxModelLen : Math.min(fits, DEFAULT_MAX_MODEL_LEN),
          Duration.ofNanos(Math.round(overheadMs * 1e6)),
          limits,
          new StepCost(prefillTokensPerSecond, decodeBaseMs, decodePerRequestMs, timeScale),
          noEvents
              ? null
              : new EventOptions(
                  events, replay.equals("none") ? null : replay, topic, eventFormat));
    } catch (IllegalArgumentException e) {
      CommandLine line = spec == null ? new CommandLine(this) : spec.commandLine();
      throw new ParameterException(line, e.getMessage(), e);
    }
  }
}
