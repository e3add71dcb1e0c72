package io.kvlane.locality.admission;

import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.PoolPulse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Keeps a pool from losing its caches to more requests than it can carry. Where the memory of all
 * replicas is taken by requests in flight, a conversation finds its prefix evicted when its next
 * turn comes, is prefilled whole, and takes longer and more memory for it: then even a load that
 * was easy before keeps the pool there, a metastable failure [1]. No order of requests ends that,
 * only fewer of them. Those are refused that lose the least: most of whose prompt is not cached
 * anyway.
 *
 * <p>The guard acts while both hold:
 *
 * <ul>
 *   <li>A tenth of all prompt tokens that used to be found cached are not found any more.
 *   <li>Requests in flight take half of the memory of every replica, or more. If they take less, it
 *       is not they who drive prefixes out.
 * </ul>
 *
 * <p>What is usual follows what is let through, and after a quarter of an hour of losing it is
 * taken to be what is found by then: the guard gives way where prompts have changed for good. A
 * pool that never found much has nothing to lose and is left alone.
 *
 * <p>Prompts of many new users look the same as lost prefixes. What tells them apart is that
 * capacity was lost: unless told otherwise the guard acts only while more than a fifth of the
 * replicas is missing, those of other regions included, and for a quarter of an hour after. Safe
 * for any thread.
 *
 * <p>[1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, Metastable Failures in Distributed Systems,
 * HotOS 2021.
 */
public final class CacheGuard {
  /** When requests may be refused. */
  public enum When {
    /** After a loss of capacity. */
    AFTER_LOSS,
    /** Whenever a pool loses its caches, to new users as well. */
    ALWAYS,
    /** Never: nothing is counted. */
    NEVER
  }

  /** The other half is for the prefixes of those who are reading their answers. */
  private static final double IN_USE = 0.5;

  /** Share of all prompt tokens that may be missed before it counts as a loss. */
  private static final double LOSS = 0.1;

  /** Weight of one prompt in what is found lately. */
  private static final double LATELY = PoolPulse.WEIGHT;

  /** In what is usual: slow enough to remember from before a loss what there was. */
  private static final double USUALLY = 1.0 / 2048;

  /**
   * What lasts longer is no accident: prompts have changed, or replicas have to be added. By then
   * that is done.
   */
  static final long GIVE_WAY_NANOS = TimeUnit.MINUTES.toNanos(15);

  /** Of so many replicas more than one has to be missing: a rolling restart is no loss. */
  private static final int ONE_IN = 5;

  /**
   * What is back sooner was not lost: a request to another region has failed, or its router that
   * answers has just started and does not know its replicas yet. Three times as long is too late to
   * save the caches of a fleet that has nothing to spare.
   */
  static final long BLINK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What is missing for longer has been taken away. */
  static final long REMEMBERED_NANOS = TimeUnit.HOURS.toNanos(1);

  private final When when;
  private double lately;
  private long asked;
  private double usually;
  private long sent;
  private boolean losing;
  private long losingSince;
  private int most;

  /** When there last were so many. */
  private long mostAt;

  private boolean missing;
  private long missingSince;
  private boolean lost;

  /** When they were last missing. */
  private long lostAt;

  /** Nothing seen yet. */
  public CacheGuard(When when) {
    this.when = when;
  }

  /**
   * Notes what there is to serve the pool's model. To be told again and again.
   *
   * @param replicas that are healthy, in this region and in those that can be reached
   * @param nowNanos on a monotonic clock
   */
  public void serving(int replicas, long nowNanos) {
    if (when == When.AFTER_LOSS) {
      count(replicas, nowNanos);
    }
  }

  private synchronized void count(int replicas, long nowNanos) {
    if (replicas >= most || nowNanos - mostAt > REMEMBERED_NANOS) {
      most = replicas;
      mostAt = nowNanos;
    }
    boolean before = missing;
    missing = (most - replicas) * ONE_IN > most;
    if (missing && !before) {
      missingSince = nowNanos;
    }
    if (missing && nowNanos - missingSince >= BLINK_NANOS) {
      lost = true;
      lostAt = nowNanos;
    }
  }

  /**
   * Where a request may go.
   *
   * @param candidates best first, at least one
   * @param promptTokens length of the prompt
   * @param inUse share of a replica's memory that requests in flight take, or will when they have
   *     been prefilled; 0 if it is not known
   * @param nowNanos on a monotonic clock
   * @return the best of the candidates that has room for it; empty to refuse it
   */
  public Optional<Candidate> place(
      List<Candidate> candidates,
      int promptTokens,
      ToDoubleFunction<Candidate> inUse,
      long nowNanos) {
    Candidate best = candidates.getFirst();
    if (when == When.NEVER
        || !acts(nowNanos)
        || !best.replica().healthy()
        || 2L * best.cachedTokens() >= promptTokens) {
      return Optional.of(best);
    }
    return candidates.stream()
        .filter(c -> c.replica().healthy() && inUse.applyAsDouble(c) < IN_USE)
        .findFirst();
  }

  /** Notes how much of a prompt is cached where it would go, whether it is let through or not. */
  public void asked(int cachedTokens, int promptTokens) {
    if (when != When.NEVER) {
      ask(share(cachedTokens, promptTokens));
    }
  }

  private synchronized void ask(double share) {
    asked++;
    lately += weight(LATELY, asked) * (share - lately);
  }

  /** Notes the same of a prompt that is let through. */
  public void sent(int cachedTokens, int promptTokens) {
    if (when != When.NEVER) {
      send(share(cachedTokens, promptTokens));
    }
  }

  private synchronized void send(double share) {
    sent++;
    usually += weight(USUALLY, sent) * (share - usually);
  }

  /** At first the plain mean. */
  private static double weight(double later, long count) {
    return Math.max(later, 1.0 / count);
  }

  private synchronized boolean acts(long nowNanos) {
    boolean may = when == When.ALWAYS || (lost && nowNanos - lostAt <= GIVE_WAY_NANOS);
    return losing(nowNanos) && may;
  }

  private boolean losing(long nowNanos) {
    boolean before = losing;
    losing = lately < usually - LOSS;
    if (losing && !before) {
      losingSince = nowNanos;
    }
    if (losing && nowNanos - losingSince > GIVE_WAY_NANOS) {
      usually = lately;
      losing = false;
    }
    return losing;
  }

  private static double share(int cachedTokens, int promptTokens) {
    return (double) cachedTokens / Math.max(1, promptTokens);
  }
}
