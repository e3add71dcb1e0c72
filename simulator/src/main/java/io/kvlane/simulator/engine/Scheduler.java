package io.kvlane.simulator.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching with chunked prefill and a prefix cache, after vLLM's scheduler: a step
 * serves the running requests first, then admits waiting ones, until its tokens are spent. A prompt
 * is matched against the cache in whole blocks and never completely: its last token is always
 * computed. A block can be reused from the step that computes it. Not thread-safe.
 *
 * @see <a
 *     href="https://github.com/vllm-project/vllm/blob/main/vllm/v1/core/sched/scheduler.py">vllm/v1/core/sched/scheduler.py</a>
 */
public final class Scheduler {
  private final SchedulerLimits limits;
  private final BlockPool pool;
  private final List<Sequence> running = new ArrayList<>();
  private final Deque<Sequence> waiting = new ArrayDeque<>();
  private final Totals totals = new Totals();
  private boolean clearPending;

  /** Tokens looked up in the cache and found, and requests preempted, since the start. */
  public static final class Totals {
    private long queried;
    private long hit;
    private long preempted;

    public long queriedTokens() {
      return queried;
    }

    public long hitTokens() {
      return hit;
    }

    public long preemptions() {
      return preempted;
    }
  }

  public Scheduler(SchedulerLimits limits, BlockPool pool) {
    this.limits = limits;
    this.pool = pool;
  }

  /**
   * Queues a request.
   *
   * @throws IllegalArgumentException if it could never fit into the cache
   */
  public void submit(Sequence sequence) {
    long blocks =
        ((long) sequence.promptTokens() + sequence.maxTokens() + limits.blockSize() - 1)
            / limits.blockSize();
    if (blocks > pool.size()) {
      throw new IllegalArgumentException(
          blocks + " blocks needed (the cache has " + pool.size() + ")");
    }
    waiting.add(sequence);
  }

  /** Ends a request with the next step; what it stored stays. Unknown requests are ignored. */
  public void abort(Sequence sequence) {
    sequence.abort();
  }

  /**
   * Drops all content, unless a request uses a block. The event leaves with the next step.
   *
   * @return whether it was dropped
   */
  public boolean reset() {
    boolean cleared = pool.clear();
    clearPending |= cleared;
    return cleared;
  }

  public int running() {
    return running.size();
  }

  public int waiting() {
    return waiting.size();
  }

  public Totals totals() {
    return totals;
  }

  /** Share of the cache's blocks that requests use, 0 to 1. */
  public double usage() {
    return 1 - (double) pool.free() / pool.size();
  }

  /** Starts a step; null if nothing is to be done. {@link #end} ends it. */
  public @Nullable Step begin() {
    dropAborted();
    if (running.isEmpty() && waiting.isEmpty()) {
      return null;
    }
    Batch batch = new Batch();
    for (int i = 0; i < running.size() && batch.budget > 0; i++) {
      batch.proceed(running.get(i));
    }
    while (batch.budget > 0
        && running.size() < limits.maxSequences()
        && !waiting.isEmpty()
        && !batch.preempted
        && batch.admit(waiting.getFirst())) {
      running.add(waiting.removeFirst());
    }
    return batch.toStep();
  }

  /** Ends a step: every sampling request gets its token, finished ones give their blocks back. */
  public List<Step.Result> end(Step step) {
    List<Step.Result> results = new ArrayList<>(step.sampling().size());
    for (Sequence sequence : step.sampling()) {
      if (sequence.aborted()) {
        continue;
      }
      boolean finished = sequence.generate();
      if (finished) {
        sequence.release(pool);
        running.remove(sequence);
      }
      results.add(new Step.Result(sequence, finished));
    }
    return results;
  }

  private void dropAborted() {
    waiting.removeIf(Sequence::aborted);
    running.removeIf(
        sequence -> {
          if (sequence.aborted()) {
            sequence.release(pool);
          }
          return sequence.aborted();
        });
  }

  /** A step in the making. */
  private final class Batch {
    private final List<CacheEvent> removals = new ArrayList<>();
    private final List<CacheEvent> stores = new ArrayList<>();
    private final List<Sequence> sampling = new ArrayList<>();
    private int budget = limits.maxBatchedTokens();
    private int prefillTokens;
    private int decodes;
    private boolean preempted;

    void proceed(Sequence sequence) {
      int count = Math.min(sequence.pending(), budget);
      while (sequence.missingBlocks(sequence.computed() + count, limits.blockSize())
          > pool.free()) {
        Sequence last = running.removeLast();
        last.release(pool);
        waiting.addFirst(last);
        preempted = true;
        totals.preempted++;
        if (last == sequence) {
          return;
        }
      }
      compute(sequence, count);
    }

    /** Whether the blocks of the request's first chunk could be had. */
    boolean admit(Sequence sequence) {
      int blockSize = limits.blockSize();
      int most = (sequence.length() - 1) / blockSize;
      int hits = 0;
      int revived = 0;
      while (hits < most) {
        int block = pool.find(sequence.hash(hits, blockSize, limits.hashSeed()));
        if (block < 0) {
          break;
        }
        revived += pool.isFree(block) ? 1 : 0;
        hits++;
      }
      int cached = hits * blockSize;
      int count = Math.min(sequence.length() - cached, budget);
      int fresh = (cached + count + blockSize - 1) / blockSize - hits;
      if (fresh + revived > pool.free()) {
        return false;
      }
      for (int i = 0; i < hits; i++) {
        int block = pool.find(sequence.hash(i, blockSize, limits.hashSeed()));
        pool.pin(block);
        sequence.addBlock(block);
      }
      if (sequence.neverScheduled()) {
        totals.queried += sequence.promptTokens();
        totals.hit += cached;
      }
      sequence.begin(cached, blockSize);
      compute(sequence, count);
      return true;
    }

    private void compute(Sequence sequence, int count) {
      int blockSize = limits.blockSize();
      for (int n = sequence.missingBlocks(sequence.computed() + count, blockSize); n > 0; n--) {
        pool.nextVictim().ifPresent(hash -> removals.add(new CacheEvent.Removed(hash)));
        sequence.addBlock(pool.allocate());
      }
      if (sequence.decoding()) {
        decodes++;
      } else {
        prefillTokens += count;
      }
      sequence.advance(count);
      budget -= count;
      if (sequence.pending() == 0) {
        sampling.add(sequence);
      }
      store(sequence);
    }

    private void store(Sequence sequence) {
      int blockSize = limits.blockSize();
      int from = sequence.storedBlocks();
      int to = sequence.computed() / blockSize;
      if (from >= to) {
        return;
      }
      long[] hashes = new long[to - from];
      for (int i = from; i < to; i++) {
        hashes[i - from] = sequence.hash(i, blockSize, limits.hashSeed());
        pool.store(sequence.block(i), hashes[i - from]);
      }
      sequence.stored(to);
      Long parent = from == 0 ? null : sequence.hash(from - 1, blockSize, limits.hashSeed());
      stores.add(
          new CacheEvent.Stored(
              hashes,
              parent,
              sequence.tokens(from * blockSize, to * blockSize),
              blockSize,
              sequence.root()));
    }

    Step toStep() {
      List<CacheEvent> events = new ArrayList<>(removals.size() + stores.size() + 1);
      if (clearPending) {
        clearPending = false;
        events.add(new CacheEvent.Cleared());
      }
      events.addAll(removals);
      events.addAll(stores);
      return new Step(prefillTokens, decodes, List.copyOf(events), List.copyOf(sampling));
    }
  }
}
