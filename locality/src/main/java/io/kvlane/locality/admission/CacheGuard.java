package io.kvlane.locality.admission;

import io.kvlane.locality.decision.Decision.Candidate;
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
 * pool that never found much has nothing to lose and is left alone. Safe for any thread.
 *
 * <p>[1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, Metastable Failures in Distributed Systems,
 * HotOS 2021.
 */
public final class CacheGuard {
  /** The other half is for the prefixes of those who are reading their answers. */
  public static final double IN_USE = 0.5;

  /** Share of all prompt tokens that may be missed before it counts as a loss. */
  public static final double LOSS = 0.1;

  /** Weight of one prompt in what is found lately: as in the pool's pulse. */
  private static final double LATELY = 1.0 / 128;

  /** In what is usual: slow enough to remember from before a loss what there was. */
  private static final double USUALLY = 1.0 / 2048;

  private final double inUse;
  private final double loss;
  private double lately;
  private double usually;
  private long sent;
  private boolean losing;
  private long losingSince;

  /**
   * What lasts longer is no accident: prompts have changed, or replicas have to be added. By then
   * that is done.
   */
  static final long GIVE_WAY_NANOS = TimeUnit.MINUTES.toNanos(15);

  /** Nothing seen yet. */
  public CacheGuard() {
    this(IN_USE, LOSS);
  }

  /** One that refuses nobody. */
  public static CacheGuard off() {
    return new CacheGuard(Double.POSITIVE_INFINITY, LOSS);
  }

  /** The same with other constants, for studies. */
  public CacheGuard(double inUse, double loss) {
    this.inUse = inUse;
    this.loss = loss;
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
  public synchronized Optional<Candidate> place(
      List<Candidate> candidates,
      int promptTokens,
      ToDoubleFunction<Candidate> inUse,
      long nowNanos) {
    Candidate best = candidates.getFirst();
    if (!losing(nowNanos)
        || !best.replica().healthy()
        || 2L * best.cachedTokens() >= promptTokens) {
      return Optional.of(best);
    }
    return candidates.stream()
        .filter(c -> c.replica().healthy() && inUse.applyAsDouble(c) < this.inUse)
        .findFirst();
  }

  /** Notes how much of a prompt is cached where it would go, whether it is let through or not. */
  public synchronized void asked(int cachedTokens, int promptTokens) {
    lately += LATELY * (share(cachedTokens, promptTokens) - lately);
  }

  /** Notes the same of a prompt that is let through. */
  public synchronized void sent(int cachedTokens, int promptTokens) {
    sent++;
    // At first the plain mean.
    usually += Math.max(USUALLY, 1.0 / sent) * (share(cachedTokens, promptTokens) - usually);
  }

  private boolean losing(long nowNanos) {
    boolean before = losing;
    losing = lately < usually - loss;
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
