package io.kvlane.router.telemetry.evidence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.telemetry.Timeline.Point;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** An entry as operators see it. */
final class EntryJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private EntryJson() {}

  static ObjectNode of(Entry.Seen seen, String region, String router) {
    Subject subject = seen.subject();
    ObjectNode node = JSON.objectNode();
    node.put("requestId", subject.requestId());
    node.put("traceId", subject.traceId());
    node.put("region", region);
    node.put("router", router);
    node.put("number", seen.number());
    node.put("arrivedAt", Instant.ofEpochMilli(seen.arrivedMillis()).toString());
    node.put("model", subject.model());
    node.put("tenant", subject.tenant());
    node.put("path", subject.path());
    node.put("forwarded", subject.forwarded());
    node.set(
        "policy",
        JSON.objectNode()
            .put("id", subject.policy())
            .put("revision", subject.revision())
            .put("consistency", subject.consistency()));
    node.put("decision", seen.word());
    node.put("reason", ReasonText.of(seen));
    node.put("state", word(seen.state()));
    node.put("status", seen.status());
    node.put("error", seen.error());
    tokens(node, seen);
    winner(node, seen, region);
    candidates(node, seen, region);
    attempts(node, seen, region);
    ObjectNode timeline = node.putObject("timelineMs");
    for (Point point : Entry.KEPT) {
      if (seen.millis(point) >= 0) {
        timeline.put(camel(point.name()), ms(seen.millis(point)));
      }
    }
    return node;
  }

  private static void tokens(ObjectNode node, Entry.Seen seen) {
    Reasons reasons = seen.reasons();
    Entry.Tried last = seen.last();
    ObjectNode tokens = node.putObject("tokens");
    if (reasons != null) {
      tokens.put("promptEstimated", reasons.features().promptTokens());
    }
    if (last != null) {
      tokens.put("cachedPredicted", last.cachedTokens());
    }
    put(tokens, "cachedReported", seen.usage().cachedTokens());
    put(tokens, "prompt", seen.usage().promptTokens());
    put(tokens, "output", seen.usage().outputTokens());
  }

  private static void put(ObjectNode node, String name, int value) {
    if (value >= 0) {
      node.put(name, value);
    }
  }

  private static void winner(ObjectNode node, Entry.Seen seen, String region) {
    Entry.Tried last = seen.last();
    ObjectNode winner = node.putObject("servedBy");
    if (last != null) {
      winner.put("region", last.region().isEmpty() ? region : last.region());
      winner.put("replica", last.replica());
    }
  }

  private static void candidates(ObjectNode node, Entry.Seen seen, String region) {
    Reasons reasons = seen.reasons();
    ArrayNode replicas = node.putArray("candidates");
    ArrayNode regions = node.putArray("regions");
    ArrayNode refused = node.putArray("refused");
    if (reasons == null) {
      return;
    }
    Decision here = reasons.here();
    if (here != null) {
      List<Candidate> all = here.candidates();
      for (Candidate candidate : all) {
        if (replicas.size() < Packed.MOST_CANDIDATES || candidate.equals(here.rival())) {
          replicas.add(candidate(here, candidate, reasons, region));
        }
      }
      node.put("candidatesLeftOut", seen.leftOut() + all.size() - replicas.size());
    }
    for (Reasons.Region other : reasons.regions()) {
      regions.add(region(other, reasons));
    }
    for (Reasons.Refused one : reasons.refused()) {
      refused.add(
          JSON.objectNode()
              .put("region", one.region() == null ? region : one.region())
              .put("replica", one.replica() == null ? "" : one.replica())
              .put("cachedTokens", one.cachedTokens())
              .put("why", word(one.why())));
    }
  }

  private static ObjectNode candidate(
      Decision here, Candidate candidate, Reasons reasons, String region) {
    var replica = candidate.replica();
    ObjectNode node = JSON.objectNode();
    node.put("replica", replica.id());
    node.put("region", region);
    node.put("cachedTokens", candidate.cachedTokens());
    node.put("inFlight", replica.inFlight());
    node.put("waitingTokens", replica.waitingTokens());
    node.put("waitingMs", ms(candidate.waitingMs()));
    node.put("roundTripMs", ms(replica.roundTripMs()));
    node.put("prefillMs", ms(candidate.prefillMs()));
    node.put("sharedMs", ms(candidate.sharedMs()));
    node.put("costMs", ms(candidate.costMs()));
    node.put("evictionMs", ms(candidate.evictionMs()));
    node.put("crowding", ms(candidate.crowding()));
    node.put("priceMs", ms(here.priceMs(candidate)));
    node.put("home", candidate.home());
    node.put("overloaded", candidate.overloaded());
    node.put("healthy", replica.healthy());
    node.put("winner", candidate.equals(here.winner()));
    reasons.refused().stream()
        .filter(one -> one.region() == null && replica.id().equals(one.replica()))
        .findFirst()
        .ifPresent(one -> node.put("refused", word(one.why())));
    return node;
  }

  private static ObjectNode region(Reasons.Region other, Reasons reasons) {
    RegionView view = other.view();
    ObjectNode node = JSON.objectNode();
    node.put("region", view.id());
    node.put("cachedTokens", view.cachedTokens());
    node.put("roundTripMs", ms(view.roundTripMs()));
    node.put("waitingMs", ms(view.waitingTokens() * view.msPerToken()));
    node.put("costMs", ms(ReasonText.costMs(view, reasons)));
    node.put("chosen", other.chosen());
    Reasons.Why refused = other.refused();
    if (refused != null) {
      node.put("refused", word(refused));
    }
    return node;
  }

  private static void attempts(ObjectNode node, Entry.Seen seen, String region) {
    ArrayNode attempts = node.putArray("attempts");
    for (Entry.Tried tried : seen.attempts()) {
      ObjectNode attempt = attempts.addObject();
      attempt.put("region", tried.region().isEmpty() ? region : tried.region());
      attempt.put("replica", tried.replica());
      attempt.put("hop", !tried.region().isEmpty());
      attempt.put("outcome", tried.outcome());
      attempt.put("fromMs", ms(tried.fromMicros() / 1e3));
      if (tried.millis() >= 0) {
        attempt.put("ms", ms(tried.millis()));
      }
    }
  }

  /** To a hundredth; what no clock can mean is not shown as a number that JSON has not. */
  private static double ms(double millis) {
    return Double.isFinite(millis) ? Math.round(millis * 100) / 100.0 : -1;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String camel(String name) {
    int under = name.indexOf('_');
    String lower = name.toLowerCase(Locale.ROOT);
    return under < 0
        ? lower
        : lower.substring(0, under) + name.charAt(under + 1) + lower.substring(under + 2);
  }
}
