package io.kvlane.locality.log;

/**
 * What an operator has ordered for a part of a region. Travels as JSON; readers ignore fields that
 * they do not know.
 *
 * <p>A part in full service has a share of 1. A smaller share is a part of the key space, from its
 * beginning: what lies beyond goes to others that can serve it, so that a conversation moves once
 * on the way down and once on the way up.
 *
 * @param kind what is meant
 * @param name a replica's id, a pool's model or the region's name
 * @param action what is to happen
 * @param from the share at the moment of the order, 0 to 1
 * @param since when it was ordered, milliseconds since 1970
 */
public record DrainState(Kind kind, String name, Action action, double from, long since) {
  /**
   * From full service to none: what moves finds its new place cold, and all at once is too much.
   */
  public static final long DOWN_MILLIS = 4_000;

  /** From no service to full, as slowly as a region comes back after a loss. */
  public static final long UP_MILLIS = 10_000;

  /** What an order can be about. */
  public enum Kind {
    REPLICA,
    POOL,
    REGION
  }

  /** What can be ordered. */
  public enum Action {
    /** Takes nothing new that others can serve; streams under way go on. */
    DRAIN,
    /** Takes nothing new at all, at once; streams under way go on. */
    EVACUATE,
    /** Back to full service. */
    RESUME
  }

  /** The key in {@link LocalityLog#DRAINS}. */
  public String mapKey() {
    return mapKey(kind, name);
  }

  /** The key of what was ordered for a part. */
  public static String mapKey(Kind kind, String name) {
    return kind + "/" + name;
  }

  /**
   * The share so long after the order.
   *
   * @param ageMillis at least 0
   */
  public double share(double ageMillis) {
    return switch (action) {
      case DRAIN -> Math.max(0, from - ageMillis / DOWN_MILLIS);
      case EVACUATE -> 0;
      case RESUME -> Math.min(1, from + ageMillis / UP_MILLIS);
    };
  }
}
