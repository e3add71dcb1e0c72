package io.kvlane.router.telemetry.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes whose reuse saves most, of the last six hours in steps of ten minutes, in bounded
 * memory. A prompt's cached run is counted at depths of 1, 2, 4, ... blocks and at its end: what
 * many prompts share is found at the depth where they part, give or take a factor of two. When
 * there are too many in a step, the half that saves least is forgotten, so that what is shown may
 * be too low, but never too high. Safe for any thread.
 */
final class HotPrefixes {
  static final long STEP_MILLIS = 600_000;
  private static final int STEPS = 36;
  private static final int MOST = 1_024;

  /** A longer prefix with that part of a shorter one's savings stands for both. */
  private static final double SAME = 0.8;

  private static final Comparator<Hot> HOTTEST =
      Comparator.comparingDouble(Hot::savedTokens).reversed();

  private final LongSupplier wallMillis;
  private final Deque<Step> steps = new ArrayDeque<>();

  /**
   * A prefix.
   *
   * @param key of its last block
   * @param parent the key of the prefix of it that is counted too, 0 for none
   * @param depthTokens its length
   * @param requests that found it cached
   * @param savedTokens tokens of it that they need not compute
   */
  record Hot(
      long key,
      long parent,
      String model,
      String tenant,
      long depthTokens,
      long requests,
      double savedTokens) {
    private Hot and(Hot other) {
      return new Hot(
          key,
          parent,
          model,
          tenant,
          depthTokens,
          requests + other.requests,
          savedTokens + other.savedTokens);
    }
  }

  private record Step(long start, Map<Long, Hot> prefixes) {}

  /**
   * @param wallMillis the time since 1970
   */
  HotPrefixes(LongSupplier wallMillis) {
    this.wallMillis = wallMillis;
  }

  /**
   * A prompt's beginning was cached.
   *
   * @param chain keys of its blocks
   * @param blockTokens tokens of a block
   * @param cachedTokens as the engine says
   */
  synchronized void reused(
      String model, String tenant, long[] chain, double blockTokens, int cachedTokens) {
    int blocks = (int) Math.min(chain.length, cachedTokens / blockTokens);
    Map<Long, Hot> now = now();
    long parent = 0;
    for (int depth = 1; depth < blocks; depth *= 2) {
      count(now, chain[depth - 1], parent, model, tenant, depth * blockTokens);
      parent = chain[depth - 1];
    }
    if (blocks > 0) {
      count(now, chain[blocks - 1], parent, model, tenant, blocks * blockTokens);
    }
  }

  private Map<Long, Hot> now() {
    long time = wallMillis.getAsLong();
    long start = time - Math.floorMod(time, STEP_MILLIS);
    Step last = steps.peekLast();
    // A clock that steps back counts into the last step.
    if (last == null || last.start < start) {
      last = new Step(start, new HashMap<>());
      steps.addLast(last);
    }
    while (steps.size() > STEPS || steps.getFirst().start <= start - STEPS * STEP_MILLIS) {
      steps.removeFirst();
    }
    return last.prefixes;
  }

  private static void count(
      Map<Long, Hot> now, long key, long parent, String model, String tenant, double tokens) {
    if (now.size() >= MOST && !now.containsKey(key)) {
      List<Hot> coldest = new ArrayList<>(now.values());
      coldest.sort(HOTTEST);
      coldest.subList(MOST / 2, coldest.size()).forEach(prefix -> now.remove(prefix.key));
    }
    now.merge(key, new Hot(key, parent, model, tenant, (long) tokens, 1, tokens), Hot::and);
  }

  /**
   * What was reused since then, by steps that reach into that time; the hottest first.
   *
   * @param model empty for all
   * @param tenants empty for all
   */
  synchronized List<Hot> since(long fromMillis, String model, Set<String> tenants, int limit) {
    List<Hot> found = new ArrayList<>();
    for (Step step : steps) {
      if (step.start + STEP_MILLIS > fromMillis) {
        for (Hot prefix : step.prefixes.values()) {
          if ((model.isEmpty() || model.equals(prefix.model))
              && (tenants.isEmpty() || tenants.contains(prefix.tenant))) {
            found.add(prefix);
          }
        }
      }
    }
    return sum(found).values().stream().sorted(HOTTEST).limit(limit).toList();
  }

  /** The hottest first; of prefixes of each other that save the same, the longest. */
  static List<Hot> hottest(Collection<Hot> prefixes, int limit) {
    Map<Long, Hot> all = sum(prefixes);
    Map<Long, Double> longer = new HashMap<>();
    for (Hot prefix : all.values()) {
      longer.merge(prefix.parent, prefix.savedTokens, Math::max);
    }
    return all.values().stream()
        .filter(
            prefix -> {
              @Nullable Double next = longer.get(prefix.key);
              return next == null || next < SAME * prefix.savedTokens;
            })
        .sorted(HOTTEST)
        .limit(limit)
        .toList();
  }

  private static Map<Long, Hot> sum(Collection<Hot> prefixes) {
    Map<Long, Hot> sums = new HashMap<>();
    prefixes.forEach(prefix -> sums.merge(prefix.key, prefix, Hot::and));
    return sums;
  }
}
