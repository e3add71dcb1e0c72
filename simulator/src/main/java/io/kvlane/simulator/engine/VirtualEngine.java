package io.kvlane.simulator.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An engine under virtual time: continuous batching with chunked prefill and a prefix cache, as
 * {@link Scheduler} does it, but whole runs of equal steps at a time. Between two changes of the
 * batch all steps last equally long, so only the changes are computed: a few per request in place
 * of one per token.
 *
 * <p>Two things are coarser than in {@link Scheduler}: an answer's blocks are taken at admission,
 * so that nothing is ever preempted, and can be reused once all of it is generated; and the
 * listener hears of stored blocks when the batch changes, not step by step. Where the cache is
 * large enough, cached tokens and times are the same to the nanosecond. Not thread-safe. Times are
 * nanoseconds of the virtual clock.
 */
public final class VirtualEngine {
  private static final long[] NONE = {};

  private final SchedulerLimits limits;
  private final StepCost cost;
  private final BlockPool pool;
  private final Listener listener;

  private final Deque<Job> waiting = new ArrayDeque<>();
  private final PriorityQueue<Running> decoding = new PriorityQueue<>();
  // In the order of admission; more than one only if a step's tokens suffice for all but the last.
  private final List<Running> prefilling = new ArrayList<>();
  // Stored, and not yet told: engines publish with the end of the step.
  private final LongArrayList stored = new LongArrayList();
  private long stepNumber;
  private long admitted;

  // The present run of equal steps; no steps: idle.
  private long runStart;
  private long stepNanos;
  private long steps;
  private boolean joinable;
  private long busyNanos;

  /** What an engine is asked to do. */
  public interface Job {
    /** Keys of the prompt's blocks, then of those that the answer completes, parents first. */
    long[] blocks();

    /** How many of {@link #blocks} the prompt has. A partial one is never reused. */
    int promptBlocks();

    int promptTokens();

    /** At least 1. */
    int outputTokens();
  }

  /** Told of what happens, at the time it does. */
  public interface Listener {
    /** The job left the queue with so many of its prompt's tokens in the cache. */
    void admitted(Job job, int cachedTokens, long at);

    /** The prompt is prefilled and the first token generated. */
    void firstToken(Job job, long at);

    /** The last token is generated. */
    void finished(Job job, long at);

    /** The cache gained, or lost, these blocks. */
    void changed(long[] stored, long[] removed, long at);
  }

  private static final class Running implements Comparable<Running> {
    final Job job;
    final long order;
    final int[] blocks;

    int prefillLeft;
    int taken;
    int storedBlocks;
    long lastStep;

    Running(Job job, long order, int[] blocks, int hits, int prefillLeft) {
      this.job = job;
      this.order = order;
      this.blocks = blocks;
      this.storedBlocks = hits;
      this.prefillLeft = prefillLeft;
    }

    /** The first to finish first. */
    @Override
    public int compareTo(Running o) {
      return lastStep == o.lastStep
          ? Long.compare(order, o.order)
          : Long.compare(lastStep, o.lastStep);
    }
  }

  /**
   * An idle engine.
   *
   * @param limits as vLLM demands, at least as many batched tokens as sequences: all that decode
   *     are in every step
   */
  public VirtualEngine(SchedulerLimits limits, StepCost cost, BlockPool pool, Listener listener) {
    if (limits.maxBatchedTokens() < limits.maxSequences()) {
      throw new IllegalArgumentException(
          "maxBatchedTokens: "
              + limits.maxBatchedTokens()
              + " (expected: at least maxSequences, "
              + limits.maxSequences()
              + ")");
    }
    this.limits = limits;
    this.cost = cost;
    this.pool = pool;
    this.listener = listener;
  }

  /** Requests in the batch. */
  public int running() {
    return decoding.size() + prefilling.size();
  }

  /** Requests not yet in the batch. */
  public int waiting() {
    return waiting.size();
  }

  /** Share of the cache's blocks that requests in the batch use, 0 to 1. */
  public double usage() {
    return 1 - (double) pool.free() / pool.size();
  }

  /** Time spent computing so far, nanoseconds. */
  public long busyNanos() {
    return busyNanos;
  }

  /** When something happens next; {@link Long#MAX_VALUE} if nothing does. */
  public long next() {
    return steps == 0 ? Long.MAX_VALUE : runStart + steps * stepNanos;
  }

  /**
   * Queues a job. {@link #next} may have changed.
   *
   * @throws IllegalArgumentException if it could never fit into the cache
   */
  public void submit(Job job, long now) {
    if (blocksOf(job) > pool.size()) {
      throw new IllegalArgumentException(
          blocksOf(job) + " blocks needed (the cache has " + pool.size() + ")");
    }
    waiting.add(job);
    if (steps == 0) {
      begin(now);
    } else if (joinable) {
      // It can join at the end of the step that is under way.
      steps = Math.clamp((now - runStart + stepNanos - 1) / stepNanos, 1, steps);
    }
  }

  /** Whether the job could ever be served here. */
  public boolean fits(Job job) {
    return blocksOf(job) <= pool.size();
  }

  private int blocksOf(Job job) {
    return Math.ceilDiv(job.promptTokens() + job.outputTokens(), limits.blockSize());
  }

  /** Carries out what happens at {@link #next}. */
  public void advance() {
    long now = next();
    busyNanos += steps * stepNanos;
    stepNumber += steps;
    long done = steps;
    steps = 0;
    for (Running r : prefilling) {
      r.prefillLeft -= (int) (r.taken * done);
      store(r, (r.job.promptTokens() - r.prefillLeft) / limits.blockSize());
    }
    tellStored(now);
    // Prefills first: they may have generated their only token.
    while (!prefilling.isEmpty() && prefilling.getFirst().prefillLeft == 0) {
      Running r = prefilling.removeFirst();
      r.lastStep = stepNumber + r.job.outputTokens() - 1;
      decoding.add(r);
      listener.firstToken(r.job, now);
    }
    while (!decoding.isEmpty() && decoding.peek().lastStep <= stepNumber) {
      finished(decoding.remove(), now);
    }
    begin(now);
  }

  private void finished(Running r, long now) {
    Job job = r.job;
    // The last token is never computed, so it completes no block.
    int full = (job.promptTokens() + job.outputTokens() - 1) / limits.blockSize();
    store(r, full);
    pool.release(r.blocks, r.blocks.length);
    tellStored(now);
    listener.finished(job, now);
  }

  /** Makes blocks reusable, up to the given one. */
  private void store(Running r, int to) {
    long[] keys = r.job.blocks();
    for (; r.storedBlocks < Math.min(to, keys.length); r.storedBlocks++) {
      long key = keys[r.storedBlocks];
      if (pool.store(r.blocks[r.storedBlocks], key)) {
        stored.addLong(key);
      }
    }
  }

  private void tellStored(long now) {
    if (!stored.isEmpty()) {
      listener.changed(stored.toLongArray(), NONE, now);
      stored.clear();
    }
  }

  /** Composes the next run of equal steps. */
  private void begin(long now) {
    int budget = limits.maxBatchedTokens() - decoding.size();
    int most = budget;
    for (Running r : prefilling) {
      budget -= take(r, budget);
    }
    while (budget > 0 && running() < limits.maxSequences() && !waiting.isEmpty()) {
      Running r = admit(waiting.peek(), now);
      if (r == null) {
        break;
      }
      waiting.remove();
      budget -= take(r, budget);
      prefilling.add(r);
    }
    if (running() == 0) {
      return;
    }
    steps = decoding.isEmpty() ? Long.MAX_VALUE : decoding.peek().lastStep - stepNumber;
    for (Running r : prefilling) {
      steps = Math.min(steps, Math.max(1, r.prefillLeft / r.taken));
    }
    runStart = now;
    stepNanos = Math.max(1, cost.nanos(most - budget, decoding.size()));
    joinable = budget > 0 && running() < limits.maxSequences() && waiting.isEmpty();
  }

  /** A request's part of the next step; its blocks can be reused from then on. */
  private int take(Running r, int most) {
    r.taken = Math.min(r.prefillLeft, most);
    store(r, (r.job.promptTokens() - r.prefillLeft + r.taken) / limits.blockSize());
    return r.taken;
  }

  /** Null if the blocks cannot be had now. */
  private @Nullable Running admit(Job job, long now) {
    long[] keys = job.blocks();
    int blockSize = limits.blockSize();
    // The last token of a prompt is always computed, and with it its block.
    int most = Math.min(job.promptBlocks(), (job.promptTokens() - 1) / blockSize);
    int[] blocks = new int[blocksOf(job)];
    int hits = 0;
    int revived = 0;
    while (hits < most) {
      int block = pool.find(keys[hits]);
      if (block < 0) {
        break;
      }
      revived += pool.isFree(block) ? 1 : 0;
      blocks[hits++] = block;
    }
    if (blocks.length - hits + revived > pool.free()) {
      return null;
    }
    for (int i = 0; i < hits; i++) {
      pool.pin(blocks[i]);
    }
    LongArrayList removed = new LongArrayList();
    for (int i = hits; i < blocks.length; i++) {
      OptionalLong victim = pool.nextVictim();
      blocks[i] = pool.allocate();
      if (victim.isPresent() && pool.find(victim.getAsLong()) < 0) {
        removed.addLong(victim.getAsLong());
      }
    }
    int cached = hits * blockSize;
    if (!removed.isEmpty()) {
      listener.changed(NONE, removed.toLongArray(), now);
    }
    listener.admitted(job, cached, now);
    return new Running(job, admitted++, blocks, hits, job.promptTokens() - cached);
  }

  /**
   * The process dies: cache and work are gone.
   *
   * @return the jobs that were not finished, in the order of their admission
   */
  public List<Job> crash(long now) {
    busyNanos += Math.min(now - runStart, steps * stepNanos);
    List<Running> all = new ArrayList<>(prefilling);
    all.addAll(decoding);
    all.sort(Comparator.comparingLong(r -> r.order));
    List<Job> lost = new ArrayList<>();
    for (Running r : all) {
      pool.release(r.blocks, r.blocks.length);
      lost.add(r.job);
    }
    lost.addAll(waiting);
    prefilling.clear();
    decoding.clear();
    waiting.clear();
    stored.clear();
    steps = 0;
    pool.clear();
    return lost;
  }
}
