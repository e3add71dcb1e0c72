package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.RoutedFrame;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalityMapTest {
  private static final Chain CHAIN = chain(KeySpace.TOKENS);
  private static final Chain TEXT = chain(KeySpace.TEXT);

  private final LocalityMap map =
      new LocalityMap(4, 16 << 20, new MapMetrics(new SimpleMeterRegistry()));

  private static Chain chain(KeySpace space) {
    ChainRoot root = new ChainRoot(space, "m", "", "", 4);
    byte[] text = new byte[40];
    Blocks blocks =
        space == KeySpace.TOKENS
            ? Blocks.tokens(IntStream.range(0, 40).toArray(), 4)
            : Blocks.text(4).append(text, 0, 40).build();
    return blocks.chain(root);
  }

  @BeforeEach
  void oneReplica() {
    map.add("r", 0, 1_000);
    map.epoch("r", 1);
  }

  private static DeltaFrame stored(long epoch, long sequence, int from, int to) {
    return frame(epoch, sequence, new DeltaFrame.Stored(keys(from, to)));
  }

  private static DeltaFrame frame(long epoch, long sequence, DeltaFrame.Change change) {
    return new DeltaFrame("r", KeySpace.TOKENS, epoch, sequence, 0, List.of(change));
  }

  private static long[] keys(int from, int to) {
    return Arrays.copyOfRange(CHAIN.keys(), from, to);
  }

  private int run(Chain chain) {
    int[] runs = new int[4];
    map.runs(chain, runs);
    return runs[0];
  }

  @Test
  void apply_inOrder_isClaimed() {
    assertThat(map.apply(stored(1, 0, 0, 4))).isFalse();
    assertThat(map.apply(stored(1, 1, 4, 10))).isFalse();

    assertThat(run(CHAIN)).isEqualTo(10);
  }

  @Test
  void apply_repeated_isIgnored() {
    map.apply(stored(1, 0, 0, 4));
    map.apply(frame(1, 1, new DeltaFrame.Removed(keys(2, 4))));
    map.apply(stored(1, 0, 0, 4));

    assertThat(run(CHAIN)).isEqualTo(2);
  }

  @Test
  void apply_newEpoch_voidsTheOld() {
    map.apply(stored(1, 0, 0, 10));
    map.apply(stored(2, 0, 0, 3));
    assertThat(run(CHAIN)).isEqualTo(3);

    map.apply(stored(1, 1, 3, 10));
    assertThat(run(CHAIN)).as("a frame of the dead epoch").isEqualTo(3);
  }

  @Test
  void apply_gap_claimsNothingUntilRecovered() {
    map.apply(stored(1, 0, 0, 4));
    assertThat(map.apply(stored(1, 2, 6, 10))).as("needs a recovery").isTrue();
    assertThat(run(CHAIN)).isZero();

    map.recover(
        "r", new LocalityMap.Recovery(1, 0, List.of(keys(0, 4)), List.of(stored(1, 1, 4, 6))));
    assertThat(run(CHAIN)).isEqualTo(10);
    assertThat(map.behind("r", 1, 2)).isFalse();
  }

  @Test
  void recover_holeRemains_claimsOnlyWhatCameAfterIt() {
    map.apply(stored(1, 0, 0, 4));
    map.apply(stored(1, 5, 0, 6));
    map.recover("r", new LocalityMap.Recovery(1, -1, List.of(), List.of(stored(1, 3, 0, 10))));

    assertThat(run(CHAIN)).isEqualTo(6);
    assertThat(map.behind("r", 1, 5)).as("tries again").isTrue();
  }

  @Test
  void recover_afterANewEpoch_changesNothing() {
    map.beginRecovery("r");
    map.apply(stored(1, 7, 0, 10));
    map.epoch("r", 2);
    map.apply(stored(2, 0, 0, 2));
    map.recover("r", new LocalityMap.Recovery(1, 6, List.of(keys(0, 10)), List.of()));

    assertThat(run(CHAIN)).isEqualTo(2);
  }

  @Test
  void behind_framesExistThatDidNotCome_isTrue() {
    map.apply(stored(1, 0, 0, 4));

    assertThat(map.behind("r", 1, 0)).isFalse();
    assertThat(map.behind("r", 1, 1)).isTrue();
  }

  @Test
  void routed_ofThePresentEpoch_isClaimedInTheTextSpaceOnly() {
    map.apply(new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, TEXT.keys(), 1))), 0);
    assertThat(run(TEXT)).isEqualTo(10);
    assertThat(run(CHAIN)).isZero();

    map.epoch("r", 2);
    assertThat(run(TEXT)).isZero();
    map.apply(new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, TEXT.keys(), 1))), 0);
    assertThat(run(TEXT)).as("sent before the engine restarted").isZero();
  }

  @Test
  void apply_routed_isBoundedByTheCacheSizeThatBecameKnownLast() {
    map.add("r", 0, 8);
    map.apply(new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, TEXT.keys(), 1))), 0);
    assertThat(run(TEXT)).isEqualTo(8);

    map.add("r", 0, 0);
    map.add("r", 0, 100);
    map.apply(new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, TEXT.keys(), 1))), 0);
    assertThat(run(TEXT)).isEqualTo(10);
  }

  /** Two prompts of ten keys take turns, a second apart, in a cache of twelve. */
  @Test
  void reuse_cacheTooSmall_lossesAreLikely() {
    ChainRoot root = new ChainRoot(KeySpace.TEXT, "other", "", "", 4);
    Chain other = Blocks.text(4).append(new byte[40], 0, 40).build().chain(root);
    map.add("r", 0, 12);
    for (int second = 1; second <= 100; second++) {
      long[] chain = (second % 2 == 0 ? TEXT : other).keys();
      map.apply(
          new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, chain, 1))),
          second * 1_000_000_000L);
    }

    assertThat(map.reuse().chance(0, 100_000_000_000L)).isGreaterThan(0.9);
    map.epoch("r", 2);
    assertThat(map.reuse().chance(0, 100_000_000_000L)).as("empty again").isZero();
  }

  @Test
  void restore_snapshot_equalsTheOriginal() {
    map.apply(new RoutedFrame("a", 0, List.of(new RoutedFrame.Routed("r", 1, TEXT.keys(), 1))), 0);
    LocalityMap late = new LocalityMap(4, 16 << 20, new MapMetrics(new SimpleMeterRegistry()));
    late.add("r", 2, 1_000);
    late.epoch("r", 1);
    late.restore("r", 1, map.routed("r"));
    int[] runs = new int[4];
    late.runs(TEXT, runs);

    assertThat(runs).containsExactly(0, 0, 10, 0);
    assertThat(late.routed("r")).isEqualTo(map.routed("r"));
  }

  @Test
  void forget_agentGone_claimsNothing() {
    map.apply(stored(1, 0, 0, 10));
    map.forget("r");

    assertThat(run(CHAIN)).isZero();
  }
}
