package io.kvlane.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.source.Follower.Cause;
import io.kvlane.agent.source.Follower.Limits;
import io.kvlane.agent.source.Follower.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of the fault tables, as steps: numbers are applied, words are decisions. */
class FollowerTest {
  private static final Limits REPLAY = new Limits(true, 100, 1_000, 5, 1 << 20);
  private static final Limits NO_REPLAY = new Limits(false, 100, 1_000, 5, 1 << 20);

  private Follower follower = new Follower(NO_REPLAY);
  private long now;

  private static EventMessage message(long sequence) {
    return new EventMessage("", sequence, new byte[] {1});
  }

  private static List<String> words(List<Step> steps) {
    List<String> words = new ArrayList<>();
    for (Step step : steps) {
      words.add(
          switch (step) {
            case Follower.Apply apply -> "" + apply.message().sequence();
            case Follower.NewEpoch epoch -> epoch.cause().name();
            case Follower.Replay replay -> "replay " + replay.from();
            case Follower.StopReplay _ -> "stop";
          });
    }
    return words;
  }

  private List<String> live(long... sequences) {
    List<Step> steps = new ArrayList<>();
    for (long sequence : sequences) {
      steps.addAll(follower.live(message(sequence), now));
    }
    return words(steps);
  }

  private List<String> replies(long... sequences) {
    List<Step> steps = new ArrayList<>();
    for (long sequence : sequences) {
      steps.addAll(follower.reply(message(sequence), now));
    }
    return words(steps);
  }

  private List<String> end() {
    return words(follower.reply(new EventMessage("", EventMessage.END, new byte[0]), now));
  }

  private void withReplay() {
    follower = new Follower(REPLAY);
  }

  /** Followed from 0 to {@code last}. */
  private void followed(long last) {
    follower.start(now);
    if (follower.isReplaying()) {
      end();
    }
    for (long i = 0; i <= last; i++) {
      live(i);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4_711})
  void live_firstMessage_anyNumberIsABeginning(long first) {
    follower.start(now);
    assertThat(live(first, first + 1)).containsExactly("" + first, "" + (first + 1));
  }

  @Test
  void live_restartAt0_isANewEpochAtOnce() {
    followed(13);
    assertThat(live(0, 1)).containsExactly("RESTART", "0", "1");
  }

  @Test
  void live_restartAtN_isANewEpochAtOnce() {
    followed(13);
    assertThat(live(5, 6)).containsExactly("RESTART", "5", "6");
  }

  @Test
  void live_sameNumberAgain_isARestart() {
    followed(13);
    assertThat(live(13)).containsExactly("RESTART", "13");
  }

  @Test
  void live_restartAtNWithReplay_dropsAtOnceAndAsksForTheNewLife() {
    withReplay();
    followed(13);
    assertThat(live(3)).containsExactly("RESTART", "replay 0");
    assertThat(replies(0, 1, 2, 3)).containsExactly("0", "1", "2", "3");
    assertThat(end()).isEmpty();
    assertThat(live(4)).containsExactly("4");
  }

  @Test
  void live_gapWithoutReplay_isANewEpoch() {
    followed(3);
    assertThat(live(5)).containsExactly("GAP", "5");
  }

  @Test
  void live_gapWithReplay_holdsUntilItIsClosed() {
    withReplay();
    followed(3);
    assertThat(live(6, 7)).containsExactly("replay 4");
    assertThat(replies(4, 5, 6)).containsExactly("4", "5", "6");
    assertThat(end()).containsExactly("7");
  }

  @Test
  void reply_startsLaterThanAsked_isANewEpoch() {
    withReplay();
    followed(3);
    live(9);
    assertThat(replies(7, 8, 9)).containsExactly("REPLAY_LATE", "7", "8", "9");
    assertThat(end()).isEmpty();
  }

  @Test
  void reply_withAHole_isANewEpoch() {
    withReplay();
    followed(3);
    live(8);
    assertThat(replies(4, 6, 7)).containsExactly("4", "REPLAY_HOLE", "6", "7");
    assertThat(end()).containsExactly("8");
  }

  @Test
  void reply_endsBeforeWhatIsHeld_isANewEpoch() {
    withReplay();
    followed(3);
    live(8);
    assertThat(end()).containsExactly("REPLAY_HOLE", "8");
  }

  @Test
  void tick_silentReplay_isANewEpochAndLiveTrafficGoesOn() {
    withReplay();
    followed(3);
    live(8);
    now = 99;
    assertThat(words(follower.tick(now))).isEmpty();
    now = 100;
    assertThat(words(follower.tick(now))).containsExactly("stop", "REPLAY_SILENT", "8");
    assertThat(live(9)).containsExactly("9");
  }

  @Test
  void tick_replayThatNeverEnds_isANewEpoch() {
    withReplay();
    followed(3);
    live(8);
    for (int i = 0; i < 9; i++) {
      now += 99;
      replies(4 + i);
      assertThat(words(follower.tick(now))).isEmpty();
    }
    now = 1_000;
    assertThat(words(follower.tick(now))).contains("REPLAY_SILENT");
  }

  @Test
  void start_withReplay_asksFrom0AndTakesWhatIsThere() {
    withReplay();
    assertThat(words(follower.start(now))).containsExactly("replay 0");
    live(9);
    assertThat(replies(7, 8, 9)).containsExactly("7", "8", "9");
    assertThat(end()).isEmpty();
  }

  @Test
  void live_restartDuringReplay_beginsAnew() {
    withReplay();
    followed(3);
    live(8);
    assertThat(live(0)).containsExactly("stop", "RESTART", "0");
    assertThat(replies(4)).isEmpty();
  }

  @Test
  void live_moreThanCanBeHeld_isANewEpochWithWhatWasHeld() {
    withReplay();
    followed(3);
    live(10, 11, 12, 13, 14);
    assertThat(live(15))
        .containsExactly("stop", "REPLAY_OVERRUN", "10", "11", "12", "13", "14", "15");
    assertThat(live(16)).containsExactly("16");
  }

  @Test
  void distrust_thenHigherNumber_isNotTakenForTheOldLife() {
    followed(3);
    assertThat(words(follower.distrust(Cause.DISCONNECTED))).containsExactly("DISCONNECTED");
    assertThat(live(4)).containsExactly("4");
  }

  @Test
  void distrust_duringReplay_dropsWhatWasHeld() {
    withReplay();
    followed(3);
    live(8);
    assertThat(words(follower.distrust(Cause.ENGINE_RESTARTED)))
        .containsExactly("stop", "ENGINE_RESTARTED");
    assertThat(words(follower.start(now))).containsExactly("replay 0");
    assertThat(end()).isEmpty();
  }
}
