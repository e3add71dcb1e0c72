package io.kvlane.router.telemetry.cache;

import io.kvlane.router.telemetry.Finished;
import io.kvlane.router.telemetry.Reuse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What this router's requests found cached: the last quarter of an hour in steps of ten seconds,
 * the last six hours in steps of a minute. Bounded by that, and by {@link #MOST_GROUPS}. Safe for
 * any thread.
 */
final class CacheHistory {
  static final long FINE_MILLIS = 10_000;
  static final long COARSE_MILLIS = 60_000;
  static final int MOST_GROUPS = 256;
  static final long FINE_RANGE_MILLIS = 900_000;
  private static final int FINE_SLOTS = 92;
  private static final int COARSE_SLOTS = 361;

  private final LongSupplier wallMillis;
  private final Deque<Slot> fine = new ArrayDeque<>();
  private final Deque<Slot> coarse = new ArrayDeque<>();

  private static final class Slot {
    final long start;
    final Map<Group, Sums> groups = new HashMap<>();

    Slot(long start) {
      this.start = start;
    }

    Sums of(Group group) {
      Sums known = groups.get(group);
      if (known != null) {
        return known;
      }
      Group kept = groups.size() < MOST_GROUPS ? group : Group.OTHER;
      return groups.computeIfAbsent(kept, k -> new Sums());
    }
  }

  /**
   * @param wallMillis the time since 1970
   */
  CacheHistory(LongSupplier wallMillis) {
    this.wallMillis = wallMillis;
  }

  /**
   * Counts a request that an engine has answered.
   *
   * @param group to which it belongs
   * @param savedMicroUsd what the cached tokens of its prompt saved
   */
  synchronized void finished(Finished request, Group group, double savedMicroUsd) {
    long now = wallMillis.getAsLong();
    count(slot(fine, FINE_MILLIS, FINE_SLOTS, now).of(group), request, savedMicroUsd);
    count(slot(coarse, COARSE_MILLIS, COARSE_SLOTS, now).of(group), request, savedMicroUsd);
  }

  /** Counts a request that no engine has answered. */
  synchronized void failed(Group group) {
    long now = wallMillis.getAsLong();
    for (Slot slot :
        List.of(
            slot(fine, FINE_MILLIS, FINE_SLOTS, now),
            slot(coarse, COARSE_MILLIS, COARSE_SLOTS, now))) {
      Sums sums = slot.of(group);
      sums.add(Count.REQUESTS, 1);
      sums.add(Count.ERRORS, 1);
    }
  }

  /** A clock that steps back counts into the last slot: a slot is never before another. */
  private static Slot slot(Deque<Slot> slots, long millis, int most, long now) {
    long start = now - Math.floorMod(now, millis);
    Slot last = slots.peekLast();
    if (last != null && last.start >= start) {
      return last;
    }
    Slot made = new Slot(start);
    slots.addLast(made);
    while (slots.size() > most || slots.getFirst().start <= start - most * millis) {
      slots.removeFirst();
    }
    return made;
  }

  private static void count(Sums sums, Finished request, double savedMicroUsd) {
    sums.add(Count.REQUESTS, 1);
    if (request.status() >= 300) {
      sums.add(Count.ERRORS, request.status() >= 500 ? 1 : 0);
      return;
    }
    word(sums, request.decision());
    int prompt = request.usage().promptTokens();
    int cached = request.usage().cachedTokens();
    if (request.firstByteNanos() > 0) {
      sums.firstToken(
          cached > 0, request.firstByteNanos() / (double) TimeUnit.MILLISECONDS.toNanos(1));
    }
    if (prompt < 0 || cached < 0) {
      sums.add(Count.UNREPORTED, 1);
      return;
    }
    int selected = Math.min(request.reuse().selected(), prompt);
    int reusable = Math.max(selected, Math.min(request.reuse().reusable(), prompt));
    sums.add(Count.PROMPT, prompt);
    sums.add(Count.PREDICTED, selected);
    sums.add(Count.REPORTED, cached);
    sums.add(Count.REUSABLE, reusable);
    sums.add(Count.LOST_WORKLOAD, prompt - reusable);
    sums.add(lost(request.reuse().loss()), reusable - selected);
    sums.add(cached < selected ? Count.FALSE_HIT : Count.FALSE_MISS, Math.abs(cached - selected));
    sums.add(Count.SAVED_MICRO_USD, savedMicroUsd);
  }

  private static Count lost(Reuse.Loss loss) {
    return switch (loss) {
      case LOAD -> Count.LOST_LOAD;
      case POLICY -> Count.LOST_POLICY;
      case RESIDENCY -> Count.LOST_RESIDENCY;
      case DISTANCE -> Count.LOST_DISTANCE;
      case HEALTH -> Count.LOST_HEALTH;
    };
  }

  private static void word(Sums sums, String decision) {
    switch (decision) {
      case "hit" -> sums.add(Count.HIT, 1);
      case "home" -> sums.add(Count.HOME, 1);
      case "spill" -> sums.add(Count.SPILL, 1);
      case "forward" -> sums.add(Count.FORWARD, 1);
      case "failover" -> sums.add(Count.FAILOVER, 1);
      default -> sums.add(Count.OFF, 1);
    }
  }

  /** The sums by step's begin and by key; what is older than is kept is left out. */
  synchronized Map<Long, Map<String, Sums>> answer(Question question) {
    Map<Long, Map<String, Sums>> found = new TreeMap<>();
    for (Slot slot : question.fine() ? fine : coarse) {
      if (slot.start < question.fromMillis() || slot.start >= question.toMillis()) {
        continue;
      }
      long ago = slot.start - question.fromMillis();
      long step = question.fromMillis() + ago - Math.floorMod(ago, question.stepMillis());
      slot.groups.forEach(
          (group, sums) -> {
            if (group.isOf(question.model(), question.tenants())) {
              found
                  .computeIfAbsent(step, k -> new TreeMap<>())
                  .computeIfAbsent(group.key(question.by()), k -> new Sums())
                  .add(sums);
            }
          });
    }
    return found;
  }
}
