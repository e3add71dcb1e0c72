package io.kvlane.locality.digest;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.digest.DigestIndex.Held;
import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.log.DigestDelta;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A region's index, its digest on the wire, and what another region makes of it. */
class DigestTest {
  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TOKENS, "m", "", "", 16);
  private static final int REPLICAS = 12;
  private static final int REGION = 1;

  private final AtomicLong lives = new AtomicLong();
  private final PrefixIndex index = new PrefixIndex(64, 8 << 20);
  private final DigestIndex there = new DigestIndex(3, 8 << 20);

  private DigestLog log(int memory, long maxEntries) {
    DigestLog log = new DigestLog(memory, maxEntries, () -> lives.addAndGet(1 << 10));
    index.watch(log);
    return log;
  }

  private static Chain chain(long seed, int blocks) {
    return Blocks.tokens(new Random(seed).ints(blocks * 16L).toArray(), 16).chain(ROOT);
  }

  /** One exchange, over the wire's bytes. */
  private DigestDelta sync(DigestLog log, DigestDelta last) throws LogFormatException {
    DigestDelta delta =
        log.since(last == null ? 0 : last.log(), last == null ? 0 : last.to(), k -> true);
    if (delta == null) {
      delta = DigestDelta.decode(log.whole(index).delta(key -> true).encode());
      there.begin(REGION);
      there.build(REGION, delta);
      there.complete(REGION);
    } else {
      delta = DigestDelta.decode(delta.encode());
      there.change(REGION, delta);
    }
    return delta;
  }

  private Held held(Chain chain) {
    return there.held(chain)[REGION];
  }

  @Test
  void held_nothingTold_nothing() {
    assertThat(there.held(chain(1, 100))).containsOnly(Held.NOTHING);
  }

  @Test
  void held_twoReplicas_runAndNumber() throws LogFormatException {
    DigestLog log = log(1_000, 1_000);
    Chain chain = chain(1, 100);
    index.store(3, chain.keys());
    index.store(7, chain.keys());
    sync(log, null);

    assertThat(held(chain).blocks()).isBetween(80, 100);
    assertThat(held(chain).replicas()).isEqualTo(2);
    assertThat(there.held(chain)[0]).isEqualTo(Held.NOTHING);
  }

  @Test
  void held_tailEvicted_shrinks() throws LogFormatException {
    DigestLog log = log(1_000, 1_000);
    Chain chain = chain(1, 100);
    index.store(3, chain.keys());
    DigestDelta last = sync(log, null);
    index.remove(3, Arrays.copyOfRange(chain.keys(), 50, 100));
    sync(log, last);

    assertThat(held(chain).blocks()).isBetween(30, 50);
  }

  @Property(tries = 100)
  void held_anyHistory_neverMoreThanTheRegionHolds(@ForAll long seed) throws LogFormatException {
    Random random = new Random(seed);
    Chain[] chains =
        IntStream.range(0, 20)
            .mapToObj(i -> chain(seed + i, 1 + random.nextInt(80)))
            .toArray(Chain[]::new);
    DigestLog log = log(random.nextBoolean() ? 50 : 5_000, random.nextBoolean() ? 200 : 100_000);
    DigestDelta last = null;
    for (int step = 0; step < 60; step++) {
      Chain chain = chains[random.nextInt(chains.length)];
      int replica = random.nextInt(REPLICAS);
      switch (random.nextInt(6)) {
        case 0 -> index.drop(replica);
        case 1 -> {
          long[] keys = chain.keys();
          index.remove(replica, Arrays.copyOfRange(keys, random.nextInt(keys.length), keys.length));
        }
        case 2 -> last = sync(log, last);
        default -> index.store(replica, chain.keys());
      }
    }
    last = sync(log, last);
    for (Chain chain : chains) {
      int[] runs = new int[REPLICAS];
      int longest = index.runs(chain, runs);
      Held held = held(chain);
      // Runs of several replicas never add up here: they evict from the tail.
      assertThat(held.blocks()).isLessThanOrEqualTo(longest);
      int next = held.blocks();
      while (next < longest && !Sample.contains(chain.key(next), last.strideBits())) {
        next++;
      }
      assertThat(next).as("the run up to the next sampled block").isEqualTo(longest);
      long holders = Arrays.stream(runs).filter(run -> run >= held.blocks()).count();
      assertThat((long) held.replicas()).isLessThanOrEqualTo(held.blocks() == 0 ? 0 : holders);
    }
  }

  @Test
  void since_outgrown_halvesTheSample() throws LogFormatException {
    DigestLog log = log(10_000, 500);
    DigestDelta first = sync(log, null);
    for (int i = 0; i < 100; i++) {
      index.store(i % REPLICAS, chain(i, 100).keys());
    }
    assertThat(log.since(first.log(), first.to(), key -> true)).isNull();
    DigestDelta later = sync(log, first);

    assertThat(later.strideBits()).isGreaterThan(first.strideBits());
    assertThat(later.levels().getFirst().gained().length).isLessThan(700);
    assertThat(held(chain(99, 100)).blocks()).isPositive();
  }

  @Test
  void since_awayTooLong_null() throws LogFormatException {
    DigestLog log = log(10, 10_000);
    DigestDelta last = sync(log, null);
    index.store(0, chain(1, 1_000).keys());

    assertThat(log.since(last.log(), last.to(), key -> true)).isNull();
    assertThat(log.since(last.log() + 1, last.to(), key -> true)).isNull();
  }

  @Test
  void since_notForThatReader_isLeftOut() throws LogFormatException {
    DigestLog log = log(10_000, 10_000);
    DigestDelta last = sync(log, null);
    index.store(0, chain(1, 1_000).keys());

    DigestDelta delta = log.since(last.log(), last.to(), key -> false);
    assertThat(delta.levels()).allMatch(DigestDelta.Level::isEmpty);
    assertThat(log.whole(index).delta(key -> false).levels()).allMatch(DigestDelta.Level::isEmpty);
  }

  @Test
  void forget_nothingIsHeld() throws LogFormatException {
    DigestLog log = log(1_000, 1_000);
    index.store(3, chain(1, 100).keys());
    sync(log, null);
    there.forget(REGION);

    assertThat(held(chain(1, 100))).isEqualTo(Held.NOTHING);
  }
}
