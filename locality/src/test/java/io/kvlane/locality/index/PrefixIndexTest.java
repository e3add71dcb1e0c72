package io.kvlane.locality.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TOKENS, "m", "", "", 4);

  private static Chain chain(int seed, int blocks) {
    int[] tokens = new Random(seed).ints(blocks * 4L).toArray();
    return Blocks.tokens(tokens, 4).chain(ROOT);
  }

  private static int[] runs(PrefixIndex index, Chain chain, int replicas) {
    int[] runs = new int[replicas];
    index.runs(chain, runs);
    return runs;
  }

  @Test
  void runs_emptyIndex_nobodyHoldsAnything() {
    assertThat(runs(new PrefixIndex(4, 1 << 20), chain(1, 9), 4)).containsOnly(0);
  }

  @Test
  void runs_hole_endsTheRun() {
    PrefixIndex index = new PrefixIndex(64, 1 << 20);
    Chain chain = chain(1, 9);
    index.store(3, chain.keys());
    index.remove(3, new long[] {chain.key(5)});

    assertThat(runs(index, chain, 4)).containsExactly(0, 0, 0, 5);
  }

  @Test
  void drop_oneOfTwo_leavesTheOther() {
    PrefixIndex index = new PrefixIndex(64, 1 << 20);
    Chain chain = chain(1, 9);
    index.store(0, chain.keys());
    index.store(63, Arrays.copyOf(chain.keys(), 4));
    index.drop(0);

    assertThat(runs(index, chain, 64)[0]).isZero();
    assertThat(runs(index, chain, 64)[63]).isEqualTo(4);
    assertThat(index.blocks()).isEqualTo(4);
    assertThat(index.blocks(0)).isZero();
  }

  @Test
  void store_beyondTheBound_evictsAndStaysInBytes() {
    long maxBytes = 1 << 20;
    PrefixIndex index = new PrefixIndex(1, maxBytes);
    for (int seed = 0; seed < 200; seed++) {
      index.store(0, chain(seed, 1_000).keys());
    }

    assertThat(index.bytes()).isLessThanOrEqualTo(maxBytes);
    assertThat(index.evictions()).isPositive();
    assertThat(index.blocks(0)).isEqualTo(index.blocks());
    assertThat(runs(index, chain(199, 1_000), 1)).containsExactly(1_000);
  }

  @Test
  void replica_outOfRange_isNamed() {
    assertThatThrownBy(() -> new PrefixIndex(64, 1 << 20).store(64, new long[] {1}))
        .hasMessageContaining("replica: 64 (expected: 0..63)");
  }

  /** Random histories against a plain map of sets, for one and for several mask words. */
  @Property(tries = 60)
  void histories_equalThePlainModel(@ForAll long seed, @ForAll boolean wide) {
    Random random = new Random(seed);
    int replicas = wide ? 150 : 64;
    PrefixIndex index = new PrefixIndex(replicas, 8 << 20);
    Map<Long, Set<Integer>> model = new HashMap<>();
    Chain[] chains = new Chain[12];
    for (int i = 0; i < chains.length; i++) {
      // Half of them share a beginning.
      int[] tokens = new Random(i / 2).ints(400).toArray();
      if (i % 2 == 1) {
        for (int t = 200; t < tokens.length; t++) {
          tokens[t] ^= 0x55;
        }
      }
      chains[i] = Blocks.tokens(tokens, 4).chain(ROOT);
    }
    for (int step = 0; step < 400; step++) {
      int replica = random.nextInt(replicas);
      long[] keys = chains[random.nextInt(chains.length)].keys();
      int from = random.nextInt(keys.length);
      long[] part = Arrays.copyOfRange(keys, from, from + random.nextInt(keys.length - from + 1));
      switch (random.nextInt(8)) {
        case 0 -> {
          index.drop(replica);
          model.values().forEach(holders -> holders.remove(replica));
        }
        case 1, 2, 3 -> {
          index.remove(replica, part);
          for (long key : part) {
            model.getOrDefault(key, new HashSet<>()).remove(replica);
          }
        }
        default -> {
          index.store(replica, part);
          for (long key : part) {
            model.computeIfAbsent(key, k -> new HashSet<>()).add(replica);
          }
        }
      }
      Chain asked = chains[random.nextInt(chains.length)];
      assertThat(runs(index, asked, replicas)).isEqualTo(modelRuns(model, asked, replicas));
    }
    assertThat(index.blocks())
        .isEqualTo(model.values().stream().filter(holders -> !holders.isEmpty()).count());
    for (int r = 0; r < replicas; r++) {
      int replica = r;
      assertThat(index.blocks(r))
          .isEqualTo(model.values().stream().filter(h -> h.contains(replica)).count());
    }
  }

  private static int[] modelRuns(Map<Long, Set<Integer>> model, Chain chain, int replicas) {
    return IntStream.range(0, replicas)
        .map(
            replica -> {
              int run = 0;
              while (run < chain.length()
                  && model.getOrDefault(chain.key(run), Set.of()).contains(replica)) {
                run++;
              }
              return run;
            })
        .toArray();
  }

  /**
   * While a writer stores, evicts, drops and makes the table grow and slots change hands, a reader
   * never sees a replica that could not hold the block, and always sees the chain that stays.
   */
  @Test
  void runs_whileWriting_neverClaimsFalselyAndKeepsWhatStays() throws Exception {
    PrefixIndex index = new PrefixIndex(64, 2 << 20);
    Chain stays = chain(-1, 64);
    index.store(7, stays.keys());
    Chain[] evens = IntStream.range(0, 64).mapToObj(i -> chain(i, 300)).toArray(Chain[]::new);
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<String> wrong = new AtomicReference<>();
    Thread[] readers = new Thread[2];
    for (int t = 0; t < readers.length; t++) {
      readers[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    int[] runs = new int[64];
                    Random random = new Random(42);
                    while (!done.get() && wrong.get() == null) {
                      int i = random.nextInt(evens.length);
                      index.runs(evens[i], runs);
                      for (int r = 0; r < 64; r++) {
                        // Chain i only ever lives on replicas of its own parity, never on 7.
                        if (runs[r] > 0 && (r % 2 != i % 2 || r == 7)) {
                          wrong.set("chain " + i + " claimed for replica " + r);
                        }
                      }
                      index.runs(stays, runs);
                      if (runs[7] != 64) {
                        wrong.set("the chain that stays has a run of " + runs[7]);
                      }
                    }
                  });
    }
    Random random = new Random(1);
    long until = System.nanoTime() + 1_500_000_000L;
    while (System.nanoTime() < until) {
      int i = random.nextInt(evens.length);
      int replica = (random.nextInt(3) * 2 + i % 2) + 10;
      switch (random.nextInt(10)) {
        case 0 -> index.drop(replica);
        case 1, 2, 3, 4 -> index.remove(replica, evens[i].keys());
        default -> index.store(replica, evens[i].keys());
      }
    }
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(wrong.get()).isNull();
  }
}
