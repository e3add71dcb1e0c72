package io.kvlane.agent;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.agent.publish.RegionClient;
import io.kvlane.agent.source.EventFeed;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
    name = "run",
    description = "Follows one engine and publishes its cache, health and load.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RunCommand implements Callable<Integer> {
  private static final String ENV = "${env:KVLANE_AGENT_";

  @CommandLine.Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--replica",
      required = true,
      defaultValue = ENV + "REPLICA}",
      paramLabel = "ID",
      description = "The engine's name, unique in the region.")
  private String replica = "";

  @Option(
      names = "--engine",
      required = true,
      defaultValue = ENV + "ENGINE}",
      paramLabel = "URL",
      description = "The engine's HTTP address.")
  private String engine = "";

  @Option(
      names = "--advertise",
      defaultValue = ENV + "ADVERTISE}",
      paramLabel = "URL",
      description = "The address that routers use (default: that of --engine).")
  private @Nullable String advertise;

  @Option(
      names = "--events",
      defaultValue = ENV + "EVENTS:-" + Option.NULL_VALUE + "}",
      split = ",",
      paramLabel = "ENDPOINT",
      description =
          "The engine's KV events; repeated for each data-parallel rank. Without: health, load and"
              + " cache size only.")
  private @Nullable List<String> events;

  @Option(
      names = "--events-mode",
      defaultValue = ENV + "EVENTS_MODE:-connect}",
      paramLabel = "connect|bind",
      description = "Who connects to whom (default: connect).")
  private String eventsMode = "connect";

  @Option(
      names = "--replay",
      defaultValue = ENV + "REPLAY:-" + Option.NULL_VALUE + "}",
      split = ",",
      paramLabel = "ENDPOINT",
      description = "The engine's replay socket; one for each --events, in the same order.")
  private @Nullable List<String> replays;

  @Option(
      names = "--topic",
      defaultValue = ENV + "TOPIC}",
      description = "The only topic to listen to (default: all).")
  private @Nullable String topic;

  @Option(
      names = "--cluster",
      defaultValue = ENV + "CLUSTER:-kvlane}",
      paramLabel = "NAME",
      description = "The region's Hazelcast cluster (default: kvlane).")
  private String cluster = "kvlane";

  @Option(
      names = "--member",
      defaultValue = ENV + "MEMBER:-127.0.0.1:5701}",
      split = ",",
      paramLabel = "HOST:PORT",
      description = "A member to begin with; may be repeated (default: 127.0.0.1:5701).")
  private List<String> members = List.of();

  @Option(
      names = "--model",
      defaultValue = ENV + "MODEL}",
      description = "The model's name (default: the engine's first).")
  private @Nullable String model;

  @Option(
      names = "--block-size",
      defaultValue = ENV + "BLOCK_SIZE:-0}",
      paramLabel = "TOKENS",
      description =
          "Tokens per block (default: the engine's own; of smaller ones as many as make 16).")
  private int blockSize;

  @Option(
      names = "--cache-tokens",
      defaultValue = ENV + "CACHE_TOKENS:-0}",
      paramLabel = "TOKENS",
      description = "The engine's cache size (default: what it says).")
  private long cacheTokens;

  @Option(
      names = "--listen",
      defaultValue = ENV + "LISTEN}",
      paramLabel = "HOST:PORT",
      description = "Where to serve /health and /metrics (default: nowhere).")
  private @Nullable String listen;

  @Override
  public Integer call() throws InterruptedException {
    AgentSettings settings = settings();
    members.forEach(member -> address("--member", member));
    URI listenAt = listen == null ? null : address("--listen", listen);
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    HazelcastInstance hazelcast = RegionClient.start(cluster, members);
    try {
      Agent agent = start(settings, hazelcast, vertx, listenAt);
      boolean ready = false;
      while (agent.isAlive()) {
        boolean first = !ready && agent.awaitReady(200);
        if (first) {
          System.out.println("agent " + replica + " ready");
          System.out.flush();
        }
        ready |= first;
        agent.awaitEnd(ready ? 1_000 : 1);
      }
      return 1;
    } catch (IllegalArgumentException e) {
      hazelcast.shutdown();
      vertx.close();
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Agent start(
      AgentSettings settings, HazelcastInstance hazelcast, Vertx vertx, @Nullable URI listenAt)
      throws InterruptedException {
    Agent agent = new Agent(settings, hazelcast, vertx, InstantSource.system(), System::nanoTime);
    try {
      if (listenAt != null) {
        StatusServer server =
            new StatusServer(vertx, listenAt.getHost(), listenAt.getPort(), agent);
        System.err.println("agent " + replica + " listens on port " + server.port());
      }
    } catch (IllegalArgumentException e) {
      agent.close();
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent), "kvlane-agent-stop"));
    return agent;
  }

  /** A JVM that is told to stop reports the signal; this one did what it was asked. */
  private static void stop(Agent agent) {
    boolean asked = agent.isAlive();
    agent.close();
    if (asked) {
      Runtime.getRuntime().halt(0);
    }
  }

  private AgentSettings settings() {
    if (replica.isBlank() || replica.length() > 200 || replica.indexOf('/') >= 0) {
      throw bad("--replica", replica, "1 to 200 characters without /");
    }
    URI engineUrl = url("--engine", engine);
    URI advertiseUrl = advertise == null ? engineUrl : url("--advertise", advertise);
    if (blockSize < 0 || blockSize > 65_536) {
      throw bad("--block-size", "" + blockSize, "1 to 65536, or 0 for the engine's own");
    }
    if (cacheTokens < 0) {
      throw bad("--cache-tokens", "" + cacheTokens, "a number of tokens, or 0");
    }
    return new AgentSettings(
        replica, engineUrl, advertiseUrl, feeds(), model, blockSize, cacheTokens);
  }

  private List<EventFeed.Settings> feeds() {
    List<String> from = events == null ? List.of() : events;
    List<String> again = replays == null ? List.of() : replays;
    boolean bind = isBind();
    from.forEach(endpoint -> endpoint("--events", endpoint));
    again.forEach(endpoint -> endpoint("--replay", endpoint));
    if (!again.isEmpty() && again.size() != from.size()) {
      throw bad(
          "--replay", String.join(",", again), "as many as --events, which are " + from.size());
    }
    List<EventFeed.Settings> feeds = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      String replay = again.isEmpty() ? null : again.get(i);
      feeds.add(new EventFeed.Settings(from.get(i), bind, replay, topic));
    }
    return feeds;
  }

  private boolean isBind() {
    return switch (eventsMode.toLowerCase(Locale.ROOT)) {
      case "connect" -> false;
      case "bind" -> true;
      default -> throw bad("--events-mode", eventsMode, "connect or bind");
    };
  }

  private void endpoint(String option, String value) {
    if (!EventFeed.isEndpoint(value)) {
      throw bad(option, value, "a ZeroMQ endpoint such as tcp://127.0.0.1:5557");
    }
  }

  private URI url(String option, String value) {
    try {
      URI url = URI.create(value);
      if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw bad(option, value, "a URL such as http://127.0.0.1:8000");
    }
    throw bad(option, value, "a URL such as http://127.0.0.1:8000");
  }

  private URI address(String option, String value) {
    try {
      URI address = URI.create("tcp://" + value);
      if (address.getHost() != null && address.getPort() >= 0 && address.getPort() <= 65_535) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw bad(option, value, "HOST:PORT");
    }
    throw bad(option, value, "HOST:PORT");
  }

  private ParameterException bad(String option, String value, String expected) {
    return new ParameterException(
        spec.commandLine(), option + ": '" + value + "' (expected: " + expected + ")");
  }
}
