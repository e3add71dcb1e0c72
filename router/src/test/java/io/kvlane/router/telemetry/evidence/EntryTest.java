package io.kvlane.router.telemetry.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.locality.decision.Decider;
import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Policy;
import io.kvlane.locality.decision.PoolView;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Reasons.Ground;
import io.kvlane.router.routing.Reasons.Why;
import io.kvlane.router.routing.Route;
import io.kvlane.router.telemetry.Timeline;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an entry says, for people and for programs. */
class EntryTest {
  private static final RequestFeatures PROMPT = new RequestFeatures(8_000, 16, 1, 0);
  private static final long[] KEYS = {11, 12, 13};

  private final Ring ring = new Ring(10, 1 << 20);
  private final Timeline way = new Timeline();

  private static ReplicaView replica(int slot, int waitingTokens) {
    int unanswered = waitingTokens > 0 ? 1 : 0;
    return new ReplicaView(
        "r" + slot, slot, true, unanswered, unanswered, false, waitingTokens, 0, 0.1, 0);
  }

  private static Decision decision(int[] runs, int... waitingTokens) {
    List<ReplicaView> replicas =
        List.of(replica(0, waitingTokens[0]), replica(1, waitingTokens[1]));
    return Decider.decide(PROMPT, new PoolView(replicas, 0, 0, 0), runs, Policy.DEFAULT);
  }

  private static Reasons reasons(
      Ground ground, Decision here, List<Reasons.Region> regions, Reasons.Refused... refused) {
    var features = new Reasons.Features(8_000, 16, KEYS);
    return new Reasons(ground, here, regions, List.of(refused), features);
  }

  private record Try(String replica) implements Route.Attempt {
    @Override
    public String host() {
      return "127.0.0.1";
    }

    @Override
    public int port() {
      return 1;
    }

    @Override
    public int predictedCachedTokens() {
      return 7_680;
    }

    @Override
    public void firstByte() {}

    @Override
    public void end(Route.Outcome outcome) {}
  }

  private record Way(String decision, Reasons reasons, Deque<String> replicas) implements Route {
    @Override
    public long decidedFrom() {
      return 0;
    }

    @Override
    public Optional<Attempt> next() {
      return Optional.ofNullable(replicas.poll()).map(Try::new);
    }
  }

  private void pass(Timeline.Point point) {
    way.pass(point, System.nanoTime());
  }

  private Entry begin() {
    pass(Timeline.Point.CAME);
    var subject =
        new Subject(
            "req-1",
            "",
            false,
            "demo",
            "acme",
            "/v1/chat/completions",
            "p",
            7,
            "AP",
            KnownHeaders.NONE,
            null);
    return new Entry(ring, subject, way, 1_000);
  }

  private JsonNode shown(Entry entry) {
    return EntryJson.of(entry.seen().orElseThrow(), "eu", "eu-1");
  }

  private JsonNode answered(String word, Reasons reasons) {
    Entry entry = begin();
    pass(Timeline.Point.DECIDED);
    Route route = entry.decided(new Way(word, reasons, new ArrayDeque<>(List.of("r0"))));
    Route.Attempt attempt = route.next().orElseThrow();
    pass(Timeline.Point.FIRST_BYTE);
    entry.began(200, word);
    attempt.end(new Route.Outcome.Answered(200, Route.Usage.UNKNOWN));
    pass(Timeline.Point.COMPLETE);
    entry.over(new Route.Usage(8_010, 7_600, 5));
    entry.file();
    return shown(entry);
  }

  @Test
  void hit_namesTheRunAndItsCost() {
    Decision here = decision(new int[] {480, 0}, 0, 0);

    JsonNode entry = answered("hit", reasons(Ground.REPLICAS, here, List.of()));

    assertThat(entry.path("reason").asText())
        .isEqualTo(
            "Replica r0 is the prompt's home and holds 7680 tokens of it, as much as any other.");
    JsonNode winner = entry.path("candidates").get(0);
    assertThat(winner.path("replica").asText()).isEqualTo("r0");
    assertThat(winner.path("winner").asBoolean()).isTrue();
    assertThat(winner.path("costMs").asDouble()).isEqualTo(32);
    assertThat(winner.path("cachedTokens").asInt()).isEqualTo(7_680);
    assertThat(entry.path("tokens").toString())
        .isEqualTo(
            "{\"promptEstimated\":8000,\"cachedPredicted\":7680,\"cachedReported\":7600,"
                + "\"prompt\":8010,\"output\":5}");
  }

  @Test
  void entry_showsTheModeInForce() { // CAP-8
    JsonNode entry =
        answered("hit", reasons(Ground.REPLICAS, decision(new int[] {480, 0}, 0, 0), List.of()));

    assertThat(entry.path("policy").toString())
        .isEqualTo("{\"id\":\"p\",\"revision\":7,\"consistency\":\"AP\"}");
  }

  @Test
  void spill_namesWhomItPassedOverAndWhy() {
    Decision here = decision(new int[] {480, 0}, 20_000, 0);

    JsonNode entry = answered("spill", reasons(Ground.REPLICAS, here, List.of()));

    assertThat(entry.path("reason").asText())
        .isEqualTo(
            "The warmest replica r0, with 7680 tokens cached, would take 2032 ms, of which 2000 ms"
                + " waiting; r1 takes 800 ms with 0.");
  }

  @Test
  void home_saysWhyASoonerRegionIsNotWorthTheWay() {
    Decision here = decision(new int[] {480, 0}, 1_000, 0);
    var sooner = new Reasons.Region(new RegionView("us", 90, 7_680, 0, 0, 0.1), false, null);
    var later = new Reasons.Region(new RegionView("us", 200, 7_680, 0, 0, 0.1), false, null);

    assertThat(reason(reasons(Ground.REPLICAS, here, List.of(sooner))))
        .endsWith(
            " No other region is worth the way: us would take 122 ms, sooner than here, but at a"
                + " greater cost to what waits or what follows.");
    assertThat(reason(reasons(Ground.REPLICAS, here, List.of(later))))
        .endsWith(" No other region is worth the way: us would take 232 ms.");
  }

  private String reason(Reasons reasons) {
    return answered("hit", reasons).path("reason").asText();
  }

  @Test
  void forward_saysWhatTheWayIsWorth() {
    Decision here = decision(new int[] {0, 0}, 0, 0);
    var us = new Reasons.Region(new RegionView("us", 90, 7_680, 0, 0, 0.1), true, null);

    JsonNode entry =
        answered(
            "forward",
            reasons(
                Ground.WORTH,
                here,
                List.of(us),
                new Reasons.Refused("ap", null, 512, Why.RESIDENCY)));

    assertThat(entry.path("reason").asText())
        .startsWith(
            "Region us is worth the way: about 122 ms with 7680 tokens cached there, its round trip"
                + " of 90 ms included, against 800 ms with 0 at the best replica here, r");
    assertThat(entry.path("regions").get(0).path("costMs").asDouble()).isEqualTo(122);
    assertThat(entry.path("refused").toString())
        .isEqualTo(
            "[{\"region\":\"ap\",\"replica\":\"\",\"cachedTokens\":512,\"why\":\"residency\"}]");
  }

  @Test
  void failover_namesEachAttempt() {
    Entry entry = begin();
    Reasons why = reasons(Ground.REPLICAS, decision(new int[] {480, 0}, 0, 0), List.of());
    Route route = entry.decided(new Way("hit", why, new ArrayDeque<>(List.of("r0", "r1"))));
    route.next().orElseThrow().end(new Route.Outcome.Failed("connect", true));
    Route.Attempt second = route.next().orElseThrow();
    entry.began(200, "failover");
    second.end(new Route.Outcome.Answered(200, Route.Usage.UNKNOWN));
    entry.over(Route.Usage.UNKNOWN);
    entry.file();

    JsonNode shown = shown(entry);
    assertThat(shown.path("decision").asText()).isEqualTo("failover");
    assertThat(shown.path("attempts").findValuesAsText("outcome"))
        .containsExactly("connect", "answered");
    assertThat(shown.path("servedBy").path("replica").asText()).isEqualTo("r1");
    assertThat(shown.path("reason").asText())
        .contains("Replica r0 did not answer (connect, after")
        .endsWith("Replica r1 was tried next.");
  }

  @Test
  void refused_residency_isTheReason() { // RES-3
    Entry entry = begin();
    var why =
        reasons(
            Ground.RESIDENCY, null, List.of(), new Reasons.Refused(null, null, 0, Why.RESIDENCY));
    entry.refused(503, "no-allowed-region", why);

    JsonNode shown = shown(entry);
    assertThat(shown.path("state").asText()).isEqualTo("refused");
    assertThat(shown.path("refused").get(0).path("why").asText()).isEqualTo("residency");
    assertThat(shown.path("reason").asText())
        .isEqualTo(
            "It may not be served in this region (residency); no other region can take it. It was"
                + " refused: no-allowed-region.");
  }

  @Test
  void timeline_isInOrder() {
    JsonNode entry =
        answered("hit", reasons(Ground.REPLICAS, decision(new int[] {480, 0}, 0, 0), List.of()));

    JsonNode timeline = entry.path("timelineMs");
    assertThat(timeline.fieldNames())
        .toIterable()
        .containsExactly("decided", "dispatched", "firstByte", "complete");
    assertThat(timeline.path("decided").asDouble())
        .isBetween(0.0, timeline.path("complete").asDouble());
  }

  @Test
  void left_beforeTheEnd_isSaid() {
    Entry entry = begin();
    Reasons why = reasons(Ground.REPLICAS, decision(new int[] {480, 0}, 0, 0), List.of());
    entry.decided(new Way("hit", why, new ArrayDeque<>(List.of("r0")))).next().orElseThrow();
    entry.left();
    entry.over(Route.Usage.UNKNOWN);
    assertThat(shown(entry).path("state").asText()).isEqualTo("left");
    entry.file();
    assertThat(shown(entry).path("state").asText()).isEqualTo("left");
  }

  @Test
  void over_packed_saysTheSame() {
    Entry entry = begin();
    Decision here = decision(new int[] {480, 0}, 20_000, 0);
    var us = new Reasons.Region(new RegionView("us", 90, 7_680, 1, 0.5, 0.1), false, Why.POLICY);
    Reasons why =
        reasons(
            Ground.REPLICAS, here, List.of(us), new Reasons.Refused(null, "r9", 0, Why.BREAKER));
    Route.Attempt attempt =
        entry.decided(new Way("spill", why, new ArrayDeque<>(List.of("r1")))).next().orElseThrow();
    entry.began(200, "spill");
    attempt.end(new Route.Outcome.Answered(200, Route.Usage.UNKNOWN));
    ObjectNode open = (ObjectNode) shown(entry);
    assertThat(ring.bytes()).isZero();

    pass(Timeline.Point.COMPLETE);
    entry.over(Route.Usage.UNKNOWN);
    assertThat(ring.bytes()).isZero();
    entry.file();

    ObjectNode packed = (ObjectNode) shown(entry);
    assertThat(packed.remove("state").asText()).isEqualTo("answered");
    assertThat(open.remove("state").asText()).isEqualTo("open");
    ((ObjectNode) packed.path("timelineMs")).remove("complete");
    assertThat(packed).isEqualTo(open);
    assertThat(entry.seen().orElseThrow().recorded("eu-1").chain()).containsExactly(KEYS);
    assertThat(ring.bytes()).isBetween(100L, 1_000L);
  }
}
