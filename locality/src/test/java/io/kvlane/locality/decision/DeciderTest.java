package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.Decision.Word;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeciderTest {
  private static final RequestFeatures PROMPT = new RequestFeatures(8_000, 16, 42, 0);

  private static ReplicaView idle(int slot) {
    return busy(slot, 0, 0);
  }

  private static ReplicaView busy(int slot, int inFlight, int waitingTokens) {
    return new ReplicaView(
        "r" + slot, slot, true, inFlight, inFlight, false, waitingTokens, 0, 0.1, 0);
  }

  private static ReplicaView down(int slot) {
    return new ReplicaView("r" + slot, slot, false, 0, 0, false, 0, 0, 0.1, 0);
  }

  private static PoolView pool(List<ReplicaView> replicas) {
    return new PoolView(replicas, 0.5, 4_000, 0);
  }

  private static List<ReplicaView> idle4() {
    return List.of(idle(0), idle(1), idle(2), idle(3));
  }

  private static Decision decide(List<ReplicaView> replicas, int... runs) {
    return Decider.decide(PROMPT, pool(replicas), runs, Policy.DEFAULT);
  }

  @Test
  void decide_cold_goesHomeWhateverTheOrder() {
    Decision decision = decide(idle4(), 0, 0, 0, 0);
    Decision reversed = decide(idle4().reversed(), 0, 0, 0, 0);

    assertThat(decision.word()).isEqualTo(Word.HOME);
    assertThat(decision.winner().home()).isTrue();
    assertThat(decision.candidates().stream().filter(Candidate::home)).hasSize(2);
    assertThat(Set.of(homes(decision))).isEqualTo(Set.of(homes(reversed)));
  }

  private static Set<String> homes(Decision decision) {
    Set<String> homes = new HashSet<>();
    decision.candidates().stream()
        .filter(Candidate::home)
        .forEach(c -> homes.add(c.replica().id()));
    return homes;
  }

  @Test
  void decide_warm_goesToTheLongestRun() {
    Decision decision = decide(idle4(), 10, 480, 100, 0);

    assertThat(decision.word()).isEqualTo(Word.HIT);
    assertThat(decision.winner().replica().id()).isEqualTo("r1");
    assertThat(decision.winner().cachedTokens()).isEqualTo(480 * 16);
    assertThat(decision.winner().prefillMs()).isEqualTo(32);
  }

  @Test
  void decide_warmestBusy_spillsToTheCheapest() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(1, busy(1, 3, 20_000));
    Decision decision = decide(replicas, 0, 480, 400, 0);

    assertThat(decision.word()).isEqualTo(Word.SPILL);
    assertThat(decision.winner().replica().id()).isEqualTo("r2");
    assertThat(decision.reason()).contains("r1");
  }

  /** 1160 ms at r0 and 800 ms at r1, where prefill of 800 or 200 ms delays others. */
  @Test
  void decide_onlyWhatEverybodySharesIsMissing_isCopiedAsSoonAsItSavesTime() {
    List<ReplicaView> replicas = List.of(busy(0, 1, 10_000), idle(1));
    int[] runs = {400, 0};

    Decision kept = Decider.decide(PROMPT, pool(replicas), runs, Policy.DEFAULT);
    Decision copied = Decider.decide(sharing(6_000), pool(replicas), runs, Policy.DEFAULT);

    assertThat(kept.winner().replica().id()).isEqualTo("r0");
    assertThat(copied.winner().replica().id()).isEqualTo("r1");
    assertThat(copied.word()).isEqualTo(Word.SPILL);
    assertThat(copied.winner().sharedMs()).isEqualTo(600);
    assertThat(copied.priceMs(copied.winner()))
        .isCloseTo(800 + 200 * (copied.weight() - 1), within(1e-9));
  }

  private static RequestFeatures sharing(int tokens) {
    return new RequestFeatures(8_000, 16, 42, tokens);
  }

  @Test
  void decide_lessThanEverybodySharesIsCached_onlyTheRestIsShared() {
    Decision decision =
        Decider.decide(sharing(6_000), pool(idle4()), new int[] {400, 100, 0, 0}, Policy.DEFAULT);

    assertThat(decision.candidates())
        .extracting(c -> c.replica().id() + ": " + c.sharedMs())
        .containsExactlyInAnyOrder("r0: 0.0", "r1: 440.0", "r2: 600.0", "r3: 600.0");
  }

  @Test
  void decide_warmestOverItsLoadBound_spills() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(1, busy(1, 30, 0));
    Decision decision = decide(replicas, new Policy(2, 4, 64, Double.POSITIVE_INFINITY, true));

    assertThat(decision.word()).isEqualTo(Word.SPILL);
    assertThat(decision.reason()).contains("load bound");
    assertThat(decision.winner().replica().id()).isNotEqualTo("r1");
  }

  private static Decision decide(List<ReplicaView> replicas, Policy policy) {
    return Decider.decide(PROMPT, pool(replicas), new int[] {0, 480, 0, 0}, policy);
  }

  @Test
  void decide_warmestWouldTakeTooLong_spills() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(
        1, busy(1, 1, 1_000)); // 100 ms of waiting, which its 7,680 cached tokens are worth
    assertThat(decide(replicas, new Policy(4, 16, 64, 101, true)).winner().replica().id())
        .isEqualTo("r1");

    assertThat(decide(replicas, new Policy(4, 16, 64, 99, true)).word()).isEqualTo(Word.SPILL);
  }

  @Test
  void decide_policyDoesNotSpill_waitsForTheWarmest() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(1, busy(1, 300, 1_000_000));
    assertThat(decide(replicas, Policy.DEFAULT).winner().replica().id()).isNotEqualTo("r1");

    Decision decision = decide(replicas, new Policy(4, 16, 64, 99, false));

    assertThat(decision.word()).isEqualTo(Word.HIT);
    assertThat(decision.winner().replica().id()).isEqualTo("r1");
  }

  @Test
  void decide_everybodyHoldsTheSystemPrompt_stillGoesHome() {
    assertThat(decide(idle4(), 30, 30, 30, 30).word()).isEqualTo(Word.HOME);
  }

  @Test
  void decide_onlyTheSharedPrefixIsHeld_isCold() {
    RequestFeatures request = new RequestFeatures(8_000, 16, 42, 1_024);
    int[] runs = {63, 63, 63, 63};
    String home =
        Decider.decide(request, pool(idle4()), new int[4], Policy.DEFAULT).winner().replica().id();
    runs[idle4().indexOf(idle(home.charAt(1) - '0'))] = 0;

    assertThat(Decider.decide(request, pool(idle4()), runs, Policy.DEFAULT).word())
        .isEqualTo(Word.HOME);
    runs[3] = 64;
    assertThat(Decider.decide(request, pool(idle4()), runs, Policy.DEFAULT).word())
        .isNotEqualTo(Word.SPILL);
  }

  /** Of 64 blocks everybody has the first 32; one replica holds 60, the others what all share. */
  @Test
  void decide_conversationIsHeldBeyondWhatIsShared_goesThereAndNotHome() {
    Homes homes = new Homes();
    for (int user = 0; user < 200; user++) {
      homes.note(chain(1, user).keys());
    }
    Homes.Home home = homes.home(chain(1, 7), 4);
    RequestFeatures request = new RequestFeatures(1_100, 16, home.key(), home.shared() * 16);
    Set<String> homesOfIt =
        homes(Decider.decide(request, pool(idle4()), new int[4], Policy.DEFAULT));
    int[] runs = {32, 32, 32, 32};
    ReplicaView holder =
        idle4().stream().filter(r -> !homesOfIt.contains(r.id())).findFirst().orElseThrow();
    runs[holder.slot()] = 60;

    assertThat(winner(request, idle4(), runs)).isEqualTo(holder.id());
  }

  @Test
  void decide_homeBusy_leavesItWhenTheDetourCostsAQuarterOfThePrefill() {
    Set<String> homes = homes(decide(idle4(), 0, 0, 0, 0));
    List<ReplicaView> slow = idle4().stream().map(r -> waiting(r, homes, 1_900)).toList();
    List<ReplicaView> slower = idle4().stream().map(r -> waiting(r, homes, 2_100)).toList();

    assertThat(decide(slow, 0, 0, 0, 0).word()).isEqualTo(Word.HOME);
    assertThat(decide(slower, 0, 0, 0, 0).word()).isEqualTo(Word.SPILL);
  }

  private static ReplicaView waiting(ReplicaView r, Set<String> homes, int tokens) {
    return homes.contains(r.id()) ? busy(r.slot(), 1, tokens) : r;
  }

  /** All hold 400 of 500 blocks, nobody waits; the others answer 40 requests each. */
  @Test
  void decide_othersHoldAsMuchAsTheCrowdedHome_goesWhereFewerAreInFlight() {
    Set<String> homes = homes(decide(idle4(), 0, 0, 0, 0));
    PoolView little = answering(homes, 41);
    PoolView much = answering(homes, 120);
    int[] held = {400, 400, 400, 400};

    assertThat(homes).contains(winner(little, held));
    assertThat(homes).doesNotContain(winner(much, held));
    assertThat(homes).contains(winner(much, new int[4]));
  }

  private static PoolView answering(Set<String> homes, int inFlight) {
    List<ReplicaView> replicas =
        idle4().stream()
            .map(r -> answering(r.slot(), homes.contains(r.id()) ? inFlight : 40, 0))
            .toList();
    return new PoolView(replicas, 0.5, 4_000, 0.9);
  }

  /** 480 of 500 blocks at r1: 32 ms of prefill there, 800 ms elsewhere; 2 s to wait. */
  @Test
  void decide_warmestWaits_isWorthMoreWaitingTheBusierThePoolIs() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(1, busy(1, 3, 20_000));
    int[] runs = {0, 480, 0, 0};

    assertThat(winner(new PoolView(replicas, 0.1, 0, 0), runs)).isNotEqualTo("r1");
    assertThat(winner(new PoolView(replicas, 0.7, 0, 0), runs)).isEqualTo("r1");
  }

  private static String winner(PoolView pool, int[] runs) {
    return Decider.decide(PROMPT, pool, runs, Policy.DEFAULT).winner().replica().id();
  }

  @Test
  void prefillWeight_isThatOfAQueueWithALittleMore() {
    assertThat(Decider.prefillWeight(0)).isEqualTo(2);
    assertThat(Decider.prefillWeight(0.5)).isCloseTo(2.30, within(0.01));
    assertThat(Decider.prefillWeight(0.8)).isCloseTo(6.90, within(0.01));
    assertThat(Decider.prefillWeight(1)).isEqualTo(32);
  }

  /** As much is cached and waits at both; r0 answers 20 requests, r1 five. */
  @Test
  void decide_promptsAreGoneOnWith_goesWhereFewerAreInFlight() {
    List<ReplicaView> replicas = List.of(answering(0, 20, 300), answering(1, 5, 400));
    int[] runs = {400, 400};

    assertThat(winner(new PoolView(replicas, 0.7, 0, 0), runs)).isEqualTo("r0");
    assertThat(winner(new PoolView(replicas, 0.7, 0, 0.9), runs)).isEqualTo("r1");
  }

  private static ReplicaView answering(int slot, int inFlight, int waitingTokens) {
    return new ReplicaView("r" + slot, slot, true, inFlight, 0, false, waitingTokens, 0, 0.1, 0);
  }

  @Test
  void crowding_isThatOfThePoolForTheShareThatComesLater() {
    assertThat(crowding(20, 9, 0, 0)).isEqualTo(1);
    assertThat(crowding(9, 9, 0.8, 0)).isCloseTo(1, within(1e-9));
    assertThat(crowding(29, 9, 0.5, 0)).isEqualTo(2);
    assertThat(crowding(0, 9, 1, 0)).isCloseTo(0.1, within(1e-9));
  }

  /** Of 8,000 tokens 6,000 are cached, three times what is prefilled. */
  @Test
  void crowding_cachedToo_countsWhatFollowsAsFarAsTheCountTells() {
    double few = crowding(12, 8, 0.5, 6_000) - crowding(12, 8, 0.5, 0);
    double many = crowding(1_200, 800, 0.5, 6_000) - crowding(1_200, 800, 0.5, 0);

    assertThat(few).isCloseTo(0.5 * 4 / (8 + 64) * 3, within(1e-9));
    assertThat(many).isCloseTo(0.5 * 400 / (800 + 64) * 3, within(1e-9));
    assertThat(crowding(0, 800, 0.5, 6_000)).isNegative();
  }

  @Test
  void decide_emptyPrompt_isDecided() {
    RequestFeatures empty = new RequestFeatures(0, 16, 42, 0);

    assertThat(
            Decider.decide(empty, new PoolView(idle4(), 0.5, 0, 0.9), new int[4], Policy.DEFAULT)
                .candidates())
        .allSatisfy(c -> assertThat(c.crowding()).isFinite());
  }

  private static double crowding(int inFlight, double mean, double hits, int cachedTokens) {
    return Decider.crowding(answering(0, inFlight, 0), mean, hits, 8_000, cachedTokens);
  }

  /**
   * Both hold what two conversations share; r0 answers 230 requests, r1 190; r0's queue is shorter.
   */
  @Test
  void decide_bothHoldIt_goesToTheLessCrowdedBeforeTheShorterQueue() {
    List<ReplicaView> replicas = List.of(answering(0, 230, 100), answering(1, 190, 3_000));
    int[] runs = {400, 400};

    assertThat(winner(new PoolView(replicas, 0.8, 0, 0.9), runs)).isEqualTo("r1");
  }

  private static ReplicaView evicting(ReplicaView of, double loss) {
    return new ReplicaView(
        of.id(),
        of.slot(),
        of.healthy(),
        of.inFlight(),
        of.unanswered(),
        of.late(),
        of.waitingTokens(),
        loss,
        of.msPerToken(),
        of.roundTripMs());
  }

  @Test
  void withEvictions_countsWhatIsPrefilledAgainAndWhatThatEvicts() {
    assertThat(Decider.withEvictions(2, idle(0))).isEqualTo(2);
    assertThat(Decider.withEvictions(2, evicting(idle(0), 0.75))).isEqualTo(8);
    assertThat(Decider.withEvictions(2, evicting(idle(0), 1))).isCloseTo(40, within(1e-9));
  }

  @Test
  void decide_copyWouldEvictWhatIsAskedFor_staysInTheQueue() {
    List<ReplicaView> idleElsewhere = List.of(busy(0, 4, 20_000), idle(1));
    List<ReplicaView> shortOfMemory =
        List.of(evicting(busy(0, 4, 20_000), 0.8), evicting(idle(1), 0.8));

    assertThat(decide(idleElsewhere, 400, 0).winner().replica().slot()).isEqualTo(1);
    assertThat(decide(shortOfMemory, 400, 0).winner().replica().slot()).isZero();
  }

  @Test
  void decide_cold_goesToTheHomeThatLosesLess() {
    int first = decide(idle4(), 0, 0, 0, 0).winner().replica().slot();
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(first, evicting(idle(first), 0.5));

    Candidate winner = decide(replicas, 0, 0, 0, 0).winner();

    assertThat(winner.choice()).isEqualTo(2);
    assertThat(winner.replica().slot()).isNotEqualTo(first);
  }

  /** Both would evict as much, so the shorter way decides. */
  @Test
  void region_evictionsHere_areNoReasonToCross() {
    List<ReplicaView> replicas = idle4().stream().map(r -> evicting(r, 0.8)).toList();
    Decision here = decide(replicas, 0, 0, 0, 0);

    assertThat(Decider.region(PROMPT, here, pool(replicas), List.of(other(90, 0, 0, 0.5))))
        .isEmpty();
  }

  /** 2 unanswered, 8 answering for 4 s: a place gets free every 500 ms, so 1 s to wait. */
  @Test
  void decide_lateReplica_waitsForAnswersToEnd() {
    ReplicaView late = new ReplicaView("r0", 0, true, 10, 2, true, 100, 0, 0.1, 0);

    assertThat(decide(List.of(late), 0).winner().waitingMs()).isEqualTo(1_000);
  }

  @Test
  void region_moreCachedThere_isWorthTheWayOnlyIfItSavesMore() {
    PoolView pool = pool(idle4());
    Decision here = decide(idle4(), 0, 0, 0, 0);

    assertThat(Decider.region(PROMPT, here, pool, List.of(other(90, 7_900, 0, 0.5))))
        .hasValueSatisfying(region -> assertThat(region.id()).isEqualTo("far"));
    assertThat(Decider.region(PROMPT, here, pool, List.of(other(90, 300, 0, 0.5)))).isEmpty();
  }

  @Test
  void region_onlyWhatEverybodySharesIsMissingHere_isCopiedRatherThanCrossedFor() {
    List<ReplicaView> replicas = List.of(idle(0));
    List<RegionView> others = List.of(other(700, 6_000, 0, 0.5));
    Decision here = Decider.decide(sharing(6_000), pool(replicas), new int[1], Policy.DEFAULT);

    assertThat(Decider.region(PROMPT, decide(replicas, 0), pool(replicas), others)).isPresent();
    assertThat(Decider.region(sharing(6_000), here, pool(replicas), others)).isEmpty();
  }

  /** The queue here is longer than the way, and shorter than what follows would be on its way. */
  @Test
  void region_timeAndMemoryToSpare_countsTheWayOfWhatFollows() {
    assertThat(crosses(0, 0.3, 0.9)).as("to spare").isFalse();
    assertThat(crosses(0, 0.3, 0)).as("nothing follows").isTrue();
    assertThat(crosses(0, 0.4, 0.9)).as("busy").isTrue();
    assertThat(crosses(0.1, 0.3, 0.9)).as("short of memory").isTrue();
  }

  private static boolean crosses(double loss, double busy, double hits) {
    List<ReplicaView> replicas = List.of(evicting(busy(0, 2, 2_000), loss));
    PoolView pool = new PoolView(replicas, busy, 4_000, hits);
    Decision here = Decider.decide(PROMPT, pool, new int[] {450}, Policy.DEFAULT);
    return Decider.region(PROMPT, here, pool, List.of(other(90, 7_200, 0, 0.3))).isPresent();
  }

  @Test
  void region_ownFull_spillsToTheIdleOne() {
    List<ReplicaView> replicas = List.of(busy(0, 5, 40_000), busy(1, 5, 40_000));
    Decision here = decide(replicas, 480, 0);

    assertThat(Decider.region(PROMPT, here, pool(replicas), List.of(other(90, 0, 0, 0.1))))
        .isPresent();
    assertThat(Decider.region(PROMPT, here, pool(replicas), List.of(other(90, 0, 50_000, 1))))
        .isEmpty();
  }

  @Test
  void region_allUnhealthyHere_goesToTheCheapest() {
    List<ReplicaView> replicas = List.of(down(0));
    RegionView farther = new RegionView("farther", 300, 0, 0, 0.5, 0.1);

    assertThat(
            Decider.region(
                PROMPT,
                decide(replicas, 0),
                pool(replicas),
                List.of(farther, other(90, 0, 0, 0.5))))
        .hasValueSatisfying(region -> assertThat(region.id()).isEqualTo("far"));
  }

  private static RegionView other(double roundTripMs, int cached, double waiting, double busy) {
    return new RegionView("far", roundTripMs, cached, waiting, busy, 0.1);
  }

  @Test
  @DisplayName("API-7: a home that a hint names never counts above health, load or what is cached")
  void decide_homeOfAHint_neverAboveHealthLoadOrCache() {
    RequestFeatures hinted = new RequestFeatures(8_000, 16, 4_711, 0);
    PoolView idle = pool(idle4());
    Decision cold = Decider.decide(hinted, idle, new int[4], Policy.DEFAULT);
    int home = cold.winner().replica().slot();
    assertThat(cold.word()).isEqualTo(Word.HOME);

    List<ReplicaView> sick = new ArrayList<>(idle4());
    sick.set(home, down(home));
    assertThat(winner(hinted, sick, new int[4])).isNotEqualTo("r" + home);

    List<ReplicaView> waits = new ArrayList<>();
    idle4().forEach(r -> waits.add(isHome(cold, r) ? busy(r.slot(), 9, 60_000) : r));
    assertThat(homes(cold)).doesNotContain(winner(hinted, waits, new int[4]));

    int[] elsewhere = new int[4];
    int warm = idle4().stream().filter(r -> !isHome(cold, r)).findFirst().orElseThrow().slot();
    elsewhere[warm] = 480;
    assertThat(winner(hinted, idle4(), elsewhere)).isEqualTo("r" + warm);
  }

  private static String winner(RequestFeatures request, List<ReplicaView> replicas, int[] runs) {
    return Decider.decide(request, pool(replicas), runs, Policy.DEFAULT).winner().replica().id();
  }

  private static boolean isHome(Decision decision, ReplicaView replica) {
    return homes(decision).contains(replica.id());
  }

  @Test
  void decide_unhealthy_comesLastEvenIfWarm() {
    List<ReplicaView> replicas = new ArrayList<>(idle4());
    replicas.set(1, down(1));
    Decision decision = decide(replicas, 0, 480, 0, 0);

    assertThat(decision.winner().replica().id()).isNotEqualTo("r1");
    assertThat(decision.candidates().getLast().replica().id()).isEqualTo("r1");
  }

  @Test
  void decide_allUnhealthy_stillNamesOne() {
    ReplicaView down = down(0);

    assertThat(decide(List.of(down), 0).winner().replica()).isEqualTo(down);
  }

  @Test
  void decide_nobody_isRefused() {
    assertThatThrownBy(() -> decide(List.of())).hasMessage("replicas: none");
  }

  /** A replica that leaves moves only the prompts that were at home there. */
  @Test
  void decide_replicaLeaves_onlyItsHomesMove() {
    List<ReplicaView> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      all.add(idle(i));
    }
    List<ReplicaView> fewer = all.subList(0, 15);
    Map<String, Integer> load = new HashMap<>();
    for (int home = 0; home < 4_000; home++) {
      RequestFeatures request = new RequestFeatures(100, 16, home * 0x9e3779b97f4a7c15L, 0);
      Set<String> before = homes(Decider.decide(request, pool(all), new int[16], Policy.DEFAULT));
      Set<String> after = homes(Decider.decide(request, pool(fewer), new int[16], Policy.DEFAULT));
      before.forEach(id -> load.merge(id, 1, Integer::sum));
      if (!before.contains("r15")) {
        assertThat(after).isEqualTo(before);
      }
    }
    assertThat(load.values()).allSatisfy(n -> assertThat(n).isBetween(400, 600));
  }

  @Property(tries = 200)
  void decide_anything_isPureAndRanksEverybodyOnce(@ForAll long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(20);
    List<ReplicaView> replicas = new ArrayList<>();
    int[] runs = new int[n];
    for (int i = 0; i < n; i++) {
      runs[i] = random.nextInt(3) == 0 ? 0 : random.nextInt(600);
      replicas.add(
          new ReplicaView(
              "r" + i,
              i,
              random.nextInt(5) > 0,
              random.nextInt(40),
              random.nextInt(5),
              random.nextInt(4) == 0,
              random.nextInt(50_000),
              random.nextDouble(),
              0.01 + random.nextDouble(),
              random.nextInt(200)));
    }
    Decision decision = decide(replicas, runs);

    assertThat(decision).isEqualTo(decide(replicas, runs));
    assertThat(decision.candidates().stream().map(c -> c.replica().id()))
        .containsExactlyInAnyOrderElementsOf(replicas.stream().map(ReplicaView::id).toList());
    boolean anyHealthy = replicas.stream().anyMatch(ReplicaView::healthy);
    assertThat(decision.winner().replica().healthy()).isEqualTo(anyHealthy);
    boolean anyFree =
        decision.candidates().stream().anyMatch(c -> c.replica().healthy() && !c.overloaded());
    assertThat(decision.winner().overloaded() && anyFree).isFalse();
    decision.candidates().forEach(c -> assertThat(c.cachedTokens()).isLessThanOrEqualTo(8_000));
  }

  /** Slots and order are a router's own; what it knows of requests came to it in any order. */
  @Property(tries = 200)
  @Label("STL-1: same input and index view, same decision on any router")
  void decide_sameViewOnTwoRouters_isTheSame(@ForAll long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(12);
    List<ReplicaView> views = new ArrayList<>();
    int[] runs = new int[n];
    for (int i = 0; i < n; i++) {
      runs[i] = random.nextInt(3) == 0 ? 0 : random.nextInt(600);
      int inFlight = random.nextInt(3);
      views.add(
          random.nextInt(5) == 0 ? down(i) : busy(i, inFlight, inFlight * random.nextInt(9_000)));
    }
    List<long[]> routed = new ArrayList<>();
    for (int i = random.nextInt(300); i > 0; i--) {
      routed.add(chain(random.nextInt(4), random.nextInt(30)).keys());
    }
    Chain asked = chain(random.nextInt(4), random.nextInt(30));
    Decision one = decideAs(random, asked, views, runs, routed);
    Decision two = decideAs(random, asked, views, runs, routed);

    assertThat(two.word()).isEqualTo(one.word());
    assertThat(two.reason()).isEqualTo(one.reason());
    assertThat(two.candidates().stream().map(c -> c.replica().id()))
        .containsExactlyElementsOf(one.candidates().stream().map(c -> c.replica().id()).toList());
  }

  /** A router with slots of its own, to which requests and replicas came in an order of its own. */
  private static Decision decideAs(
      Random random, Chain asked, List<ReplicaView> views, int[] runs, List<long[]> routed) {
    Homes homes = new Homes();
    List<long[]> order = new ArrayList<>(routed);
    Collections.shuffle(order, random);
    order.forEach(homes::note);
    Homes.Home home = homes.home(asked, views.size());
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      slots.add(i);
    }
    Collections.shuffle(slots, random);
    int[] bySlot = new int[views.size()];
    List<ReplicaView> own = new ArrayList<>();
    for (ReplicaView view : views) {
      int slot = slots.get(view.slot());
      bySlot[slot] = runs[view.slot()];
      own.add(
          new ReplicaView(
              view.id(),
              slot,
              view.healthy(),
              view.inFlight(),
              view.unanswered(),
              view.late(),
              view.waitingTokens(),
              view.evictionLoss(),
              view.msPerToken(),
              view.roundTripMs()));
    }
    Collections.shuffle(own, random);
    return Decider.decide(
        new RequestFeatures(8_000, 16, home.key(), home.shared() * 16),
        pool(own),
        bySlot,
        Policy.DEFAULT);
  }

  private static Chain chain(int tenant, int user) {
    int[] tokens = new Random(31L * tenant + user).ints(64 * 16).toArray();
    System.arraycopy(new Random(tenant).ints(32 * 16).toArray(), 0, tokens, 0, 32 * 16);
    return Blocks.tokens(tokens, 16).chain(new ChainRoot(KeySpace.TOKENS, "m", "", "", 16));
  }
}
