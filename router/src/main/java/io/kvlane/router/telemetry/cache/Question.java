package io.kvlane.router.telemetry.cache;

import java.util.Set;

/**
 * What somebody wants to know.
 *
 * @param fromMillis since 1970, a multiple of the steps that are kept
 * @param toMillis since 1970, excluded
 * @param stepMillis of a series; the whole time for a summary
 * @param fine whether by the steps of ten seconds, which are not kept for long
 * @param by how requests are put together
 * @param model empty for all
 * @param tenants empty for all
 */
public record Question(
    long fromMillis,
    long toMillis,
    long stepMillis,
    boolean fine,
    By by,
    String model,
    Set<String> tenants) {
  /** By what requests are put together. */
  public enum By {
    NONE,
    MODEL,
    TENANT,
    REGION,
    REPLICA
  }

  public Question {
    tenants = Set.copyOf(tenants);
  }

  /**
   * Of a time, a little longer where it does not begin with a step.
   *
   * @param stepMillis a multiple of what {@link #kept} says; 0 for the whole time
   * @param nowMillis decides which steps are still kept
   */
  public static Question of(
      long fromMillis,
      long toMillis,
      long stepMillis,
      By by,
      String model,
      Set<String> tenants,
      long nowMillis) {
    long kept = kept(fromMillis, nowMillis);
    long aligned = stepMillis == 0 ? kept : stepMillis;
    long from = fromMillis - Math.floorMod(fromMillis, aligned);
    long step = stepMillis == 0 ? Math.max(kept, toMillis - from) : stepMillis;
    return new Question(from, toMillis, step, kept == CacheHistory.FINE_MILLIS, by, model, tenants);
  }

  /** Milliseconds of the steps in which that time is kept. */
  public static long kept(long fromMillis, long nowMillis) {
    return fromMillis >= nowMillis - CacheHistory.FINE_RANGE_MILLIS
        ? CacheHistory.FINE_MILLIS
        : CacheHistory.COARSE_MILLIS;
  }
}
