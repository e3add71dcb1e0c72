package io.kvlane.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Worked examples: blocks of 4 tokens, 1 ms a prefilled token, 10 ms + 1 ms a decode. */
class VirtualEngineTest {
  private static final int BLOCK = 4;
  private static final StepCost COST = new StepCost(1000, 10, 1, 1);
  private static final long MS = 1_000_000;

  private final List<String> log = new ArrayList<>();
  private final VirtualEngine engine = engine(8, 16, 100);

  private record Job(String name, long[] blocks, int promptTokens, int outputTokens)
      implements VirtualEngine.Job {
    @Override
    public int promptBlocks() {
      return promptTokens / BLOCK;
    }
  }

  /** A prompt of full blocks with these keys, and {@code more} tokens behind them. */
  private static Job job(String name, int more, int outputTokens, long... promptBlocks) {
    return new Job(name, promptBlocks, promptBlocks.length * BLOCK + more, outputTokens);
  }

  private VirtualEngine engine(int maxSequences, int maxBatchedTokens, int cacheBlocks) {
    return new VirtualEngine(
        new SchedulerLimits(BLOCK, maxSequences, maxBatchedTokens, 0),
        COST,
        new BlockPool(cacheBlocks),
        new VirtualEngine.Listener() {
          @Override
          public void admitted(VirtualEngine.Job job, int cachedTokens, long at) {
            log("admitted " + name(job) + " with " + cachedTokens, at);
          }

          @Override
          public void firstToken(VirtualEngine.Job job, long at) {
            log("first " + name(job), at);
          }

          @Override
          public void finished(VirtualEngine.Job job, long at) {
            log("finished " + name(job), at);
          }

          @Override
          public void changed(long[] stored, long[] removed, long at) {
            for (long key : removed) {
              log("removed " + key, at);
            }
            for (long key : stored) {
              log("stored " + key, at);
            }
          }
        });
  }

  private static String name(VirtualEngine.Job job) {
    return ((Job) job).name();
  }

  private void log(String what, long at) {
    log.add(at / MS + ": " + what);
  }

  private static void runUntil(VirtualEngine engine, long ms) {
    while (engine.next() <= ms * MS) {
      engine.advance();
    }
  }

  private List<String> logged(String what) {
    return log.stream().filter(line -> line.contains(what)).toList();
  }

  @Test
  void advance_oneRequest_prefillsThenDecodes() {
    engine.submit(job("a", 2, 3, 1, 2), 0);
    runUntil(engine, 1000);

    // 10 prompt tokens, then two steps of one decode.
    assertThat(log)
        .containsExactly(
            "0: admitted a with 0",
            "10: stored 1",
            "10: stored 2",
            "10: first a",
            "32: finished a");
    assertThat(engine.next()).isEqualTo(Long.MAX_VALUE);
    assertThat(engine.busyNanos()).isEqualTo(32 * MS);
  }

  @Test
  void advance_oneToken_isFinishedWithItsPrefill() {
    engine.submit(job("a", 1, 1), 0);
    runUntil(engine, 1000);

    assertThat(log).containsExactly("0: admitted a with 0", "1: first a", "1: finished a");
  }

  @Test
  void advance_answer_storesItsFullBlocksAtTheEnd() {
    // 4 + 5 tokens, of which the last is never computed: blocks 1 and 2 are full.
    engine.submit(new Job("a", new long[] {1, 2}, 4, 5), 0);
    // 4 + 4 tokens: the second block lacks the last one.
    engine.submit(new Job("b", new long[] {3, 4}, 4, 4), 0);
    runUntil(engine, 1000);

    assertThat(logged("stored").stream().map(line -> line.replaceAll(".*: ", "")))
        .containsExactlyInAnyOrder("stored 1", "stored 3", "stored 2");
  }

  @Test
  void admit_sharedPrefix_isCached() {
    engine.submit(job("a", 2, 1, 1, 2), 0);
    runUntil(engine, 50);
    engine.submit(job("b", 2, 1, 1, 2, 3), 50 * MS);
    runUntil(engine, 1000);

    assertThat(logged("admitted b")).containsExactly("50: admitted b with 8");
    assertThat(logged("first b")).containsExactly("56: first b");
    assertThat(logged("stored")).containsExactly("10: stored 1", "10: stored 2", "56: stored 3");
  }

  @Test
  void admit_samePrompt_computesTheLastBlockAgain() {
    engine.submit(job("a", 0, 1, 1, 2), 0);
    runUntil(engine, 50);
    engine.submit(job("b", 0, 1, 1, 2), 50 * MS);

    assertThat(logged("admitted b")).containsExactly("50: admitted b with 4");
  }

  @Test
  void admit_whileThePrefixIsComputed_reusesWhatIsInTheStepAndBefore() {
    engine.submit(job("a", 2, 1, 1, 2, 3, 4, 5), 0);
    engine.submit(job("b", 1, 1, 1, 2, 3, 4, 5), 1 * MS);
    runUntil(engine, 1000);

    // The second step has a's last 6 tokens and room for 10.
    assertThat(logged("admitted b")).containsExactly("16: admitted b with 20");
    assertThat(logged("first")).containsExactly("23: first a", "23: first b");
  }

  @Test
  void advance_longPrompt_isChunkedBesideTheDecodes() {
    engine.submit(job("a", 1, 4), 0);
    engine.submit(job("b", 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), 500_000);
    runUntil(engine, 1000);

    // From 1 ms on two steps of 15 tokens of b beside one decode, then one of 2 tokens.
    assertThat(logged("first b")).containsExactly((1 + 26 + 26 + 13) + ": first b");
    assertThat(logged("finished a")).containsExactly("66: finished a");
  }

  @Test
  void submit_duringARunOfDecodes_joinsAtTheNextStep() {
    engine.submit(job("a", 1, 100), 0);
    runUntil(engine, 1);
    engine.submit(job("b", 3, 2), 30 * MS);
    runUntil(engine, 60);

    // a decodes every 11 ms from 1 ms on; the step from 34 ms has b's 3 tokens.
    assertThat(logged("b"))
        .containsExactly("34: admitted b with 0", "48: first b", "60: finished b");
  }

  @Test
  void submit_batchIsFull_waitsForAnEnd() {
    VirtualEngine single = engine(1, 16, 100);
    single.submit(job("a", 1, 3), 0);
    single.submit(job("b", 1, 1), 2 * MS);

    assertThat(single.running()).isEqualTo(1);
    assertThat(single.waiting()).isEqualTo(1);
    runUntil(single, 1000);
    assertThat(logged("admitted b")).containsExactly("23: admitted b with 0");
  }

  @Test
  void submit_cacheIsTaken_waitsAndEvicts() {
    VirtualEngine small = engine(8, 16, 4);
    small.submit(job("a", 3, 2, 1, 2), 0);
    small.submit(job("b", 2, 1, 3, 4), 1 * MS);
    runUntil(small, 1000);

    assertThat(logged("admitted b")).containsExactly("22: admitted b with 0");
    // a's blocks are the oldest, its tail goes first.
    assertThat(logged("removed")).containsExactly("22: removed 2");
  }

  @Test
  void submit_neverFits_isRefused() {
    VirtualEngine small = engine(8, 16, 3);
    Job tooLong = job("a", 0, 1, 1, 2, 3);

    assertThat(small.fits(tooLong)).isFalse();
    assertThat(small.fits(job("b", 3, 1, 1, 2))).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small.submit(tooLong, 0))
        .withMessage("4 blocks needed (the cache has 3)");
    assertThat(small.next()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void crash_returnsTheUnfinishedInOrderAndForgetsTheCache() {
    VirtualEngine two = engine(2, 16, 100);
    Job done = job("done", 0, 1, 9);
    Job a = job("a", 1, 50, 1);
    Job b = job("b", 0, 50, 2, 3, 4, 5, 6, 7, 8);
    Job c = job("c", 1, 50);
    two.submit(done, 0);
    runUntil(two, 4);
    two.submit(a, 10 * MS);
    two.submit(b, 10 * MS);
    two.submit(c, 10 * MS);
    runUntil(two, 20);

    assertThat(two.crash(25 * MS)).containsExactly(a, b, c);

    assertThat(two.running() + two.waiting()).isZero();
    assertThat(two.next()).isEqualTo(Long.MAX_VALUE);
    assertThat(two.busyNanos()).isEqualTo((4 + 15) * MS);
    two.submit(job("again", 1, 1, 9), 100 * MS);
    assertThat(logged("admitted again")).containsExactly("100: admitted again with 0");
  }

  @Test
  void new_fewerTokensThanSequences_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> engine(17, 16, 100));
  }
}
