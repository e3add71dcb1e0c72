package io.kvlane.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.Problem;
import io.kvlane.agent.source.FakePublisher.Framing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A publisher's stream over real sockets, with every fault of the table")
class EventFeedIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** A silent replay is given up soon, a slow machine's is not. */
  private static final Follower.Limits REPLAY =
      new Follower.Limits(true, 3_000_000_000L, 10_000_000_000L, 1_000, 1 << 20);

  private static final Follower.Limits HASTY =
      new Follower.Limits(true, 1_500_000_000L, 10_000_000_000L, 1_000, 1 << 20);
  private static final Follower.Limits NO_REPLAY = Follower.Limits.standard(false);

  private final List<String> heard = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private FakePublisher publisher = new FakePublisher();
  private EventFeed feed;

  @AfterEach
  void stop() {
    feed.close();
    publisher.close();
  }

  private void feed(Follower.Limits limits, @Nullable String replay, @Nullable String topic) {
    open(new EventFeed.Settings(publisher.events(), false, replay, topic), limits);
  }

  private void open(EventFeed.Settings settings, Follower.Limits limits) {
    EventFeed.Sink sink =
        new EventFeed.Sink() {
          @Override
          public void apply(EventMessage message) {
            heard.add("" + message.sequence());
          }

          @Override
          public void newEpoch(Follower.Cause cause) {
            heard.add(cause.name());
          }

          @Override
          public void replay(long from) {
            heard.add("replay " + from);
          }
        };
    feed = new EventFeed(settings, limits, sink, problems::add, System::nanoTime);
  }

  /** What the publisher's replay socket does while the test waits. */
  private Runnable answering = () -> {};

  /** Turns the feed's wheel until it has heard all of these, and nothing else. */
  private void hears(String... expected) {
    await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(
            () -> {
              feed.poll(5);
              answering.run();
              assertThat(heard).containsExactly(expected);
            });
    heard.clear();
  }

  /**
   * Answers requests until the one for {@code from} was among them, and again if it is repeated.
   */
  private void answers(long from, Framing framing, boolean end) {
    answering = () -> publisher.answer(framing, end);
    List<Long> asked = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              feed.poll(5);
              asked.addAll(publisher.answer(framing, end));
              assertThat(asked).as("heard %s", heard).contains(from);
            });
  }

  private void publish(long... sequences) {
    for (long sequence : sequences) {
      publisher.publish(sequence, new byte[] {1});
    }
  }

  /** Has applied message 0, and would get every message that is published from now on. */
  private void following(Follower.Limits limits) {
    publisher.keep(0, new byte[] {1});
    feed(limits, publisher.replay(), null);
    subscribed();
  }

  /**
   * Sends what is no message until one has arrived: a subscription takes a moment. Every replay
   * that was asked for on the way has been answered by then.
   */
  private void subscribed() {
    feed.start();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              publisher.send("kv", -5, new byte[0]);
              turn();
              return !problems.isEmpty();
            });
    // The wheel looks for a new connection before it reads: it has surely seen this one now.
    turn();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              turn();
              return heard.lastIndexOf("replay 0") <= heard.lastIndexOf("0");
            });
    int seen;
    do {
      seen = problems.size() + heard.size();
      for (int i = 0; i < 10; i++) {
        turn();
      }
    } while (problems.size() + heard.size() > seen);
    heard.clear();
    problems.clear();
  }

  private void turn() {
    feed.poll(5);
    publisher.answer(Framing.TOPIC, true);
    feed.poll(5);
  }

  @ParameterizedTest
  @EnumSource
  void start_withReplay_pastThenPresentInEveryFraming(Framing framing) {
    publisher.keep(4, new byte[] {1});
    publisher.keep(5, new byte[] {1});
    feed(REPLAY, publisher.replay(), null);
    feed.start();
    // Asked for again once the subscription stands: what came between is only in the replay.
    await().atMost(LIMIT).until(() -> answered(framing) && heard.contains("5"));
    heard.clear();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              publisher.send("kv", 6, new byte[] {1});
              feed.poll(5);
              publisher.answer(framing, true);
              return heard.contains("6");
            });
    assertThat(problems).isEmpty();
  }

  private boolean answered(Framing framing) {
    feed.poll(5);
    publisher.answer(framing, true);
    feed.poll(5);
    return true;
  }

  @Test
  void live_gap_isFilledByReplayAndHeldMessagesFollow() {
    following(REPLAY);
    publisher.keep(1, new byte[] {1});
    publisher.keep(2, new byte[] {1});
    publish(3);
    hears("replay 1");
    publish(4);
    answers(1, Framing.NO_TOPIC, true);
    hears("1", "2", "3", "4");
    publish(5);
    hears("5");
  }

  @Test
  void live_gapAndSilentReplay_isANewEpochAfterTheDeadline() {
    following(HASTY);
    publish(3);
    hears("replay 1", "REPLAY_SILENT", "3");
    publish(4);
    hears("4");
  }

  @Test
  void live_gapAndReplayWithoutEnd_isANewEpochAfterTheDeadline() {
    following(HASTY);
    publisher.keep(1, new byte[] {1});
    publisher.keep(2, new byte[] {1});
    publish(3);
    hears("replay 1");
    answers(1, Framing.TOPIC, false);
    // What was held is applied again: the epoch took it.
    hears("1", "2", "3", "REPLAY_SILENT", "3");
  }

  @Test
  void live_gapThatReplayCannotFill_isANewEpoch() {
    following(REPLAY);
    publish(3);
    hears("replay 1");
    answers(1, Framing.TOPIC, true);
    hears("REPLAY_LATE", "3");
  }

  @Test
  void live_replayWithAHole_isANewEpoch() {
    following(REPLAY);
    publisher.keep(1, new byte[] {1});
    publish(3);
    hears("replay 1");
    answers(1, Framing.TOPIC, true);
    hears("1", "REPLAY_HOLE", "3");
  }

  @Test
  void live_replayNameThatCannotBeResolved_isReportedAndGivenUp() {
    feed(HASTY, "tcp://no-such-host.invalid:1", null);
    feed.start();

    await().atMost(LIMIT).until(() -> pollUntil("REPLAY_SILENT"));
    assertThat(problems).first().extracting(Problem::reason).isEqualTo(Problem.Reason.NO_REPLAY);
  }

  private boolean pollUntil(String word) {
    feed.poll(5);
    return heard.contains(word);
  }

  @Test
  void live_topic_isComparedWholeNotByItsBeginning() {
    feed(NO_REPLAY, null, "kv@a");
    subscribed();
    publisher.send("kv@ab", 7, new byte[] {1});
    publisher.send("", 8, new byte[] {1});
    publisher.send("kv@a", 9, new byte[] {1});
    hears("9");
  }

  @Test
  void live_negativeSequence_costsItselfAlone() {
    feed(NO_REPLAY, null, null);
    subscribed();
    publish(1);
    hears("1");
    publisher.send("kv", -2, new byte[] {1});
    publish(2);
    hears("2");
    assertThat(problems).singleElement();
  }

  @Test
  void connectMode_engineRestartsAtTheSameAddress_dropsAtOnceThenLearnsTheNewLife() {
    following(REPLAY);
    publish(1, 2, 3);
    hears("1", "2", "3");
    String events = publisher.events();
    String replay = publisher.replay();

    publisher.close();
    hears("DISCONNECTED");
    publisher = new FakePublisher("kv", events, replay);
    // The new life has passed the old cursor before anybody listens.
    for (int i = 0; i < 10; i++) {
      publisher.keep(i, new byte[] {1});
    }
    hears("replay 0");
    answers(0, Framing.TOPIC, true);
    hears("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    awaitLive(10);
  }

  /** The one message gets through as soon as the subscription stands. */
  private void awaitLive(long sequence) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              publisher.send("kv", sequence, new byte[] {1});
              return pollUntil("" + sequence);
            });
  }

  @Test
  void bindMode_engineConnectsLater() {
    open(new EventFeed.Settings("tcp://127.0.0.1:*", true, null, null), NO_REPLAY);
    feed.start();
    publisher.connect(feed.boundEndpoint());
    awaitLive(1);
    assertThat(heard).doesNotContain("GAP");
    // A handshake that is given up and made anew is a lost connection, before anything was said.
    assertThat(heard.lastIndexOf("DISCONNECTED")).isLessThan(heard.indexOf("1"));
  }

  @Test
  void restart_byTheCaller_asksForEverythingWithoutAnEpoch() {
    following(REPLAY);
    publish(1);
    hears("1");
    feed.restart();
    hears("replay 0");
    answers(0, Framing.TOPIC, true);
    hears("0", "1");
  }
}
