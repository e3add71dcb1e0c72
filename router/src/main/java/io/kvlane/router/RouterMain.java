package io.kvlane.router;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.router.api.Link;
import io.kvlane.router.cluster.ClusterMetrics;
import io.kvlane.router.cluster.RegionCluster;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.control.ControlPlane;
import io.kvlane.router.region.LinkIdentity;
import io.kvlane.router.region.Regions;
import io.kvlane.router.routing.LiveRouting;
import io.kvlane.router.telemetry.Exemplars;
import io.kvlane.router.telemetry.Insight;
import io.kvlane.router.telemetry.ProcessMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The router's process. */
@Command(
    name = "kvlane-router",
    description = "Routes LLM requests to the replica that holds their KV cache.",
    mixinStandardHelpOptions = true,
    subcommands = {RouterMain.Run.class, RouterMain.Config.class, ReconcileCommand.class})
public final class RouterMain {
  private static final Logger log = LoggerFactory.getLogger(RouterMain.class);

  private RouterMain() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new RouterMain())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (e instanceof ConfigException) {
                command.getErr().println(e.getMessage());
                return CommandLine.ExitCode.USAGE;
              }
              log.error("The router failed", e);
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  /** {@code kvlane-router run}. */
  @Command(name = "run", description = "Runs a router.", mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Option(names = "--config", required = true, description = "The configuration, a YAML file.")
    @SuppressWarnings("NullAway.Init")
    private Path config;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
      RouterConfig settings = new ConfigLoader(System.getenv()).load(config);
      LinkIdentity identity = settings.link().enabled() ? new LinkIdentity(settings.link()) : null;
      Vertx vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
      var registry = Exemplars.registry();
      ProcessMetrics.register(registry);
      HazelcastInstance hazelcast = RegionCluster.join(settings);
      ClusterMetrics.register(hazelcast, registry);
      Regions regions = null;
      Link link = null;
      if (identity != null) {
        regions = new Regions(vertx, settings.link(), identity, registry);
        link = new Link(settings, identity, regions, registry);
      }
      var control = ControlPlane.of(vertx, settings, hazelcast, regions, registry);
      var routing =
          new LiveRouting(
              vertx,
              settings,
              hazelcast,
              regions,
              control.policies(),
              registry,
              System::currentTimeMillis);
      routing.start();
      control.start();
      var insight = Insight.of(settings, hazelcast, () -> RegionCluster.routers(hazelcast));
      var server =
          new RouterServer(
              vertx, settings, routing, link, control, routing.operations(), insight, registry);
      if (regions != null) {
        regions.start().await(60, TimeUnit.SECONDS);
        new ConfigWatch(vertx, config, settings, regions).start();
      }
      server.start().await(60, TimeUnit.SECONDS);
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "router %s ready at %s admin %s%n",
          settings.router().id(), server.url(), server.adminUrl());
      out.flush();
      var stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> stop(server, routing, control, insight, hazelcast, vertx, stopped),
                  "stop"));
      stopped.await();
      return CommandLine.ExitCode.OK;
    }

    /** Runs in the shutdown hook of SIGTERM; the process ends with 0 when streams have ended. */
    private static void stop(
        RouterServer server,
        LiveRouting routing,
        ControlPlane control,
        Insight insight,
        HazelcastInstance hazelcast,
        Vertx vertx,
        CountDownLatch stopped) {
      try {
        log.info("Stopping: requests under way may end");
        server.stop().await();
        routing.close();
        control.close();
        insight.close();
        hazelcast.shutdown();
        vertx.close().await();
      } catch (RuntimeException e) {
        log.error("The router did not stop in order", e);
      }
      stopped.countDown();
      Runtime.getRuntime().halt(0);
    }
  }

  /** {@code kvlane-router config}. */
  @Command(
      name = "config",
      description = "Shows what can be configured, or checks a configuration.",
      mixinStandardHelpOptions = true)
  static final class Config implements Callable<Integer> {
    /** What to do. */
    static final class What {
      @Option(names = "--print-reference", description = "Print every key with its default.")
      boolean print;

      @Option(names = "--check", paramLabel = "FILE", description = "Check a file.")
      @Nullable Path check;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private What what;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException {
      PrintWriter out = spec.commandLine().getOut();
      Path file = what.check;
      if (file == null) {
        out.print(ConfigLoader.reference());
      } else {
        new ConfigLoader(System.getenv()).load(file);
        out.println(file + " is valid");
      }
      out.flush();
      return CommandLine.ExitCode.OK;
    }
  }
}
