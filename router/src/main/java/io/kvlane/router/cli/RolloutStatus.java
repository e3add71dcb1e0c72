package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvlane rollout status [REVISION] [--watch]}. */
@Command(
    description = {
      "Shows how far a revision has come: all regions, all routers.",
      "Exit status 1 if a router refuses it or, with --watch, if it is not live in time."
    })
final class RolloutStatus implements Callable<Integer> {
  /** How long the server may hold an answer back; what has changed is shown that often. */
  private static final int WAIT_SECONDS = 2;

  private static final Set<String> UNDER_WAY = Set.of("PENDING", "CANARY");

  private final Session session;

  @Parameters(paramLabel = "REVISION", arity = "0..1", description = "The newest, if left out.")
  private @Nullable Long revision;

  @Option(names = "--watch", description = "Wait until it is live everywhere, or refused.")
  private boolean watch;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to watch (default: 300).")
  private int timeout = 300;

  RolloutStatus(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws Failure {
    Long asked = revision;
    long wanted = asked != null ? asked : newest();
    JsonNode rollout = session.api().get("/rollouts/" + wanted).body();
    if (watch) {
      rollout = watched(wanted, rollout);
    }
    show(rollout);
    String state = rollout.path("state").asText();
    boolean well = state.equals("LIVE") || (!watch && UNDER_WAY.contains(state));
    return well ? 0 : Failure.REFUSED;
  }

  private long newest() throws Failure {
    JsonNode page = session.api().get("/revisions?pageSize=1").body();
    JsonNode first = page.path("revisions").path(0).path("revision");
    if (first.isMissingNode()) {
      throw Failure.refused("There is no revision yet.");
    }
    return first.asLong();
  }

  private JsonNode watched(long wanted, JsonNode first) throws Failure {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeout);
    JsonNode rollout = first;
    String said = "";
    while (UNDER_WAY.contains(rollout.path("state").asText()) && System.nanoTime() - end < 0) {
      String now = progress(rollout);
      if (!now.equals(said)) {
        session.note(now);
        said = now;
      }
      String path = "/revisions/" + wanted + ":wait?timeout=" + WAIT_SECONDS;
      rollout = session.api().get(path).body();
    }
    return rollout;
  }

  private static String progress(JsonNode rollout) {
    int routers = 0;
    int serving = 0;
    for (JsonNode region : rollout.path("regions")) {
      for (JsonNode router : region.path("routers")) {
        routers++;
        serving += router.path("state").asText().equals("ACK") ? 1 : 0;
      }
    }
    return "revision %s: %s, %d of %d routers serve it"
        .formatted(
            rollout.path("revision").asText(), rollout.path("state").asText(), serving, routers);
  }

  private void show(JsonNode rollout) {
    if (session.output() != Options.Output.TABLE) {
      session.show(rollout);
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode region : rollout.path("regions")) {
      String name = Texts.cell(region.path("region"));
      if (!region.path("reachable").asBoolean(true)) {
        name += " (not reachable)";
      }
      if (region.path("routers").isEmpty()) {
        rows.add(List.of(name, "", Texts.cell(region.path("state")), "", ""));
      }
      for (JsonNode router : region.path("routers")) {
        rows.add(
            List.of(
                name,
                Texts.cell(router.path("router")),
                Texts.cell(router.path("state")),
                Texts.cell(router.path("serves")),
                Texts.cell(router.path("reason"))));
      }
    }
    session.print(Texts.table(List.of("REGION", "ROUTER", "STATE", "SERVES", "REASON"), rows));
    if (rollout.has("arms")) {
      List<List<String>> sides = new ArrayList<>();
      for (String side : List.of("canary", "base")) {
        JsonNode seen = rollout.path("arms").path(side);
        sides.add(
            List.of(
                side,
                Texts.cell(seen.path("requests")),
                String.format(Locale.ROOT, "%.4f", seen.path("errorRate").asDouble()),
                "%.0f".formatted(seen.path("ttftP95Ms").asDouble()),
                "%.3f".formatted(seen.path("hitRatio").asDouble())));
      }
      session.print(
          Texts.table(List.of("SIDE", "REQUESTS", "ERROR RATE", "P95 TTFT MS", "HITS"), sides));
    }
    session.print(progress(rollout) + time(rollout.path("millis").asLong(-1)));
    String reason = rollout.path("reason").asText();
    if (!reason.isEmpty()) {
      session.print(reason);
    }
  }

  private static String time(long millis) {
    return millis < 0 ? "" : ", live after " + millis + " ms";
  }
}
