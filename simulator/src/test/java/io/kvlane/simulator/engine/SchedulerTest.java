package io.kvlane.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private static final int BLOCK = 4;

  private final BlockPool pool = new BlockPool(64);
  private final Scheduler scheduler = new Scheduler(new SchedulerLimits(BLOCK, 8, 32, 0), pool);

  @Test
  void begin_twoPrompts_prefillsBothInOneStep() {
    scheduler.submit(sequence(1, 12, 2));
    scheduler.submit(sequence(2, 12, 2));

    Step step = scheduler.begin();

    assertThat(step.prefillTokens()).isEqualTo(24);
    assertThat(step.sampling()).hasSize(2);
    assertThat(step.events()).hasSize(2);
  }

  @Test
  void begin_longPrompt_isChunkedAndItsStoresChained() {
    scheduler.submit(sequence(1, 50, 1));

    Step first = scheduler.begin();
    scheduler.end(first);
    Step second = scheduler.begin();

    assertThat(first.prefillTokens()).isEqualTo(32);
    assertThat(first.sampling()).isEmpty();
    assertThat(second.prefillTokens()).isEqualTo(18);
    CacheEvent.Stored chunk = (CacheEvent.Stored) first.events().getFirst();
    CacheEvent.Stored rest = (CacheEvent.Stored) second.events().getFirst();
    assertThat(rest.parent()).isEqualTo(chunk.hashes()[chunk.hashes().length - 1]);
  }

  @Test
  void begin_samePromptInOneStep_isComputedOnce() {
    scheduler.submit(sequence(1, 12, 2));
    scheduler.submit(sequence(1, 12, 2));

    assertThat(scheduler.begin().prefillTokens()).isEqualTo(12 + 4);
  }

  @Test
  void abort_running_freesItsBlocksWithTheNextStepAndKeepsThem() {
    Sequence aborted = sequence(1, 12, 100);
    scheduler.submit(aborted);
    scheduler.end(scheduler.begin());
    scheduler.abort(aborted);

    assertThat(scheduler.begin()).isNull();

    assertThat(pool.free()).isEqualTo(64);
    assertThat(pool.cached()).isEqualTo(3);
  }

  @Test
  void reset_whileBlocksAreUsed_isRefused() {
    scheduler.submit(sequence(1, 12, 2));
    Step step = scheduler.begin();

    assertThat(scheduler.reset()).isFalse();
    scheduler.end(step);
  }

  @Test
  void begin_cacheTooSmallForAll_preemptsTheYoungestAndFinishesAll() {
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sequences.add(sequence(i, 20, 100));
    }
    sequences.forEach(scheduler::submit);

    for (Step step = scheduler.begin(); step != null; step = scheduler.begin()) {
      scheduler.end(step);
    }

    assertThat(sequences).allMatch(s -> s.generatedTokens() == 100);
    assertThat(scheduler.totals().preemptions()).isPositive();
    assertThat(pool.free()).isEqualTo(64);
  }

  /** Whoever applies the events never claims a block that is not in the cache. */
  @Property(tries = 200)
  void events_anyLoad_claimOnlyWhatIsCached(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BlockPool small = new BlockPool(24);
    Scheduler engine = new Scheduler(new SchedulerLimits(BLOCK, 4, 16, 0), small);
    Map<Long, Long> parents = new HashMap<>();
    for (int round = 0; round < 60; round++) {
      if (random.nextInt(3) > 0) {
        engine.submit(sequence(random.nextInt(5), 1 + random.nextInt(40), 1 + random.nextInt(8)));
      }
      if (random.nextInt(30) == 0) {
        engine.reset();
      }
      Step step = engine.begin();
      if (step == null) {
        continue;
      }
      step.events().forEach(event -> apply(event, parents));
      assertThat(parents.keySet()).allMatch(hash -> small.find(hash) >= 0);
      engine.end(step);
    }
  }

  private static void apply(CacheEvent event, Map<Long, Long> parents) {
    switch (event) {
      case CacheEvent.Stored stored -> {
        assertThat(stored.tokens()).hasSize(stored.hashes().length * stored.blockSize());
        Long parent = stored.parent();
        for (long hash : stored.hashes()) {
          parents.put(hash, parent == null ? 0L : parent);
          parent = hash;
        }
      }
      case CacheEvent.Removed removed -> parents.remove(removed.hash());
      case CacheEvent.Cleared() -> parents.clear();
    }
  }

  /** Prompts of equal {@code text} are prefixes of one another. */
  private static Sequence sequence(int text, int length, int generate) {
    int[] prompt = new int[length];
    for (int i = 0; i < length; i++) {
      prompt[i] = text * 1000 + i;
    }
    return new Sequence(prompt, generate, CacheRoot.PLAIN, i -> 7_000_000 + text * 1000 + i);
  }
}
