package io.kvlane.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** The engine under virtual time against the token-exact one, step by step, on random histories. */
class VirtualEngineAgainstSchedulerTest {
  private static final int BLOCK = 16;
  private static final int HISTORIES = 200;
  private static final int REQUESTS = 60;
  private static final StepCost COST = new StepCost(8000, 7, 0.3, 1);

  /** A request of a history; {@code tokens} are the prompt's, then the answer's. */
  private record Job(int number, long at, int[] tokens, int promptTokens, long[] blocks)
      implements VirtualEngine.Job {
    @Override
    public int promptBlocks() {
      return promptTokens / BLOCK;
    }

    @Override
    public int outputTokens() {
      return tokens.length - promptTokens;
    }
  }

  /** What became of the requests, by number. */
  private record Outcome(int[] cached, long[] firstToken, long[] finished) {
    Outcome(int requests) {
      this(new int[requests], new long[requests], new long[requests]);
    }

    long hits() {
      return Arrays.stream(cached).asLongStream().sum();
    }
  }

  private static final class History {
    final SchedulerLimits limits;
    final List<Job> jobs = new ArrayList<>();

    History(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      int maxSequences = 2 + random.nextInt(15);
      limits = new SchedulerLimits(BLOCK, maxSequences, 64 + random.nextInt(449), 0);
      double meanGapMs = 5 + random.nextInt(100);
      long at = 0;
      for (int i = 0; i < REQUESTS; i++) {
        // Half way all is quiet until every answer is complete.
        at += i == REQUESTS / 2 ? 3_600_000_000_000L : 0;
        at += 1 + (long) (-Math.log(1 - random.nextDouble()) * meanGapMs * 1e6);
        jobs.add(job(i, at, random));
      }
    }

    /**
     * A prompt that starts as one of four texts or as an earlier prompt, or, after the quiet time,
     * as an earlier prompt and its answer.
     */
    private Job job(int number, long at, SplittableRandom random) {
      int[] shared;
      if (number > 0 && random.nextInt(3) == 0) {
        Job earlier = jobs.get(random.nextInt(number));
        boolean answered = earlier.number() < REQUESTS / 2 && number >= REQUESTS / 2;
        int most = answered ? earlier.tokens().length : earlier.promptTokens();
        shared = Arrays.copyOf(earlier.tokens(), Math.min(600, most));
      } else {
        int text = random.nextInt(4);
        shared = new int[random.nextInt(250)];
        Arrays.setAll(shared, i -> text * 1000 + i);
      }
      int promptTokens = shared.length + 1 + random.nextInt(120);
      int[] tokens = Arrays.copyOf(shared, promptTokens + 1 + random.nextInt(60));
      for (int i = shared.length; i < tokens.length; i++) {
        tokens[i] = 10_000 + number * 1000 + i;
      }
      Sequence hashed = new Sequence(tokens, 0, CacheRoot.PLAIN, i -> 0);
      long[] blocks = new long[tokens.length / BLOCK];
      Arrays.setAll(blocks, i -> hashed.hash(i, BLOCK, limits.hashSeed()));
      return new Job(number, at, tokens, promptTokens, blocks);
    }

    /** Mean time from arrival to the last token. */
    double meanMs(Outcome outcome) {
      return jobs.stream()
          .mapToDouble(job -> (outcome.finished[job.number()] - job.at()) / 1e6)
          .average()
          .orElseThrow();
    }

    Outcome stepByStep(int cacheBlocks) {
      Outcome outcome = new Outcome(jobs.size());
      Scheduler scheduler = new Scheduler(limits, new BlockPool(cacheBlocks));
      List<Sequence> sequences = new ArrayList<>();
      Deque<Job> arrivals = new ArrayDeque<>(jobs);
      long now = 0;
      while (true) {
        while (!arrivals.isEmpty() && arrivals.peek().at() <= now) {
          Job job = arrivals.remove();
          int[] prompt = Arrays.copyOf(job.tokens(), job.promptTokens());
          Sequence sequence =
              new Sequence(
                  prompt,
                  job.outputTokens(),
                  CacheRoot.PLAIN,
                  i -> job.tokens()[job.promptTokens() + i]);
          sequences.add(sequence);
          scheduler.submit(sequence);
        }
        Step step = scheduler.begin();
        if (step == null) {
          if (arrivals.isEmpty()) {
            break;
          }
          now = arrivals.peek().at();
          continue;
        }
        now += COST.nanos(step);
        for (Step.Result result : scheduler.end(step)) {
          int number = sequences.indexOf(result.sequence());
          if (outcome.firstToken[number] == 0) {
            outcome.firstToken[number] = now;
          }
          outcome.finished[number] = result.finished() ? now : 0;
        }
      }
      Arrays.setAll(outcome.cached, i -> sequences.get(i).cachedTokens());
      return outcome;
    }

    Outcome virtually(int cacheBlocks) {
      Outcome outcome = new Outcome(jobs.size());
      VirtualEngine engine =
          new VirtualEngine(limits, COST, new BlockPool(cacheBlocks), new Recorder(outcome));
      for (Job job : jobs) {
        while (engine.next() < job.at()) {
          engine.advance();
        }
        engine.submit(job, job.at());
      }
      while (engine.next() < Long.MAX_VALUE) {
        engine.advance();
      }
      return outcome;
    }
  }

  private record Recorder(Outcome outcome) implements VirtualEngine.Listener {
    @Override
    public void admitted(VirtualEngine.Job job, int cachedTokens, long at) {
      outcome.cached[((Job) job).number()] = cachedTokens;
    }

    @Override
    public void firstToken(VirtualEngine.Job job, long at) {
      outcome.firstToken[((Job) job).number()] = at;
    }

    @Override
    public void finished(VirtualEngine.Job job, long at) {
      outcome.finished[((Job) job).number()] = at;
    }

    @Override
    public void changed(long[] stored, long[] removed, long at) {}
  }

  @Test
  void run_cacheLargeEnough_sameHitsAndTimesToTheNanosecond() {
    for (int seed = 0; seed < HISTORIES; seed++) {
      History history = new History(seed);
      Outcome exact = history.stepByStep(5000);
      Outcome virtual = history.virtually(5000);

      assertThat(exact.hits()).as("hits of history %d", seed).isPositive();
      assertThat(virtual.cached).as("cached tokens of history %d", seed).isEqualTo(exact.cached);
      assertThat(virtual.firstToken).as("first tokens, %d", seed).isEqualTo(exact.firstToken);
      assertThat(virtual.finished).as("ends of history %d", seed).isEqualTo(exact.finished);
    }
  }

  /** Answers' blocks are taken early, so it is not the same if the cache holds few requests. */
  @Test
  void run_cacheTooSmall_aboutTheSameHits() {
    for (int cacheBlocks : new int[] {150, 300, 600}) {
      long exact = 0;
      long virtual = 0;
      double exactMs = 0;
      double virtualMs = 0;
      for (int seed = 0; seed < HISTORIES; seed++) {
        History history = new History(seed);
        Outcome stepByStep = history.stepByStep(cacheBlocks);
        Outcome virtually = history.virtually(cacheBlocks);
        exact += stepByStep.hits();
        virtual += virtually.hits();
        exactMs += history.meanMs(stepByStep);
        virtualMs += history.meanMs(virtually);
        assertThat(virtually.finished).as("ends of history %d", seed).doesNotContain(0);
      }
      assertThat(virtual).as("hits").isCloseTo(exact, Percentage.withPercentage(3));
      assertThat(virtualMs)
          .as("time to the last token")
          .isCloseTo(exactMs, Percentage.withPercentage(3));
    }
  }
}
