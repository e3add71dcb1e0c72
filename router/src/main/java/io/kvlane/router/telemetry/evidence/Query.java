package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.telemetry.Timeline.Point;
import java.util.Comparator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are asked for; empty texts and sets, 0 and null ask for nothing.
 *
 * @param id the request's
 * @param tenants of which all that are found must be one
 * @param replica to which an attempt was sent
 * @param region to which an attempt was sent, this one or another
 * @param word of the decision
 * @param status like {@code 503} or {@code 5xx}
 * @param error an error's code
 * @param minTtftMs to the first byte, at least
 * @param sinceMillis arrived then or later, milliseconds since 1970
 * @param before older than that, in the order of {@link #NEWEST_FIRST}
 */
public record Query(
    String id,
    Set<String> tenants,
    String model,
    String tenant,
    String replica,
    String region,
    String word,
    String policy,
    String status,
    String error,
    double minTtftMs,
    long sinceMillis,
    @Nullable Mark before) {
  /** All requests. */
  public static final Query ALL =
      new Query("", Set.of(), "", "", "", "", "", "", "", "", 0, 0, null);

  /** The order in which requests are listed. */
  public static final Comparator<Mark> NEWEST_FIRST =
      Comparator.comparingLong(Mark::arrivedMillis)
          .thenComparing(Mark::router)
          .thenComparingLong(Mark::number)
          .reversed();

  /** A place in the list. */
  public record Mark(long arrivedMillis, String router, long number) {}

  /** The same for one request. */
  public static Query of(String id, Set<String> tenants) {
    return new Query(id, tenants, "", "", "", "", "", "", "", "", 0, 0, null);
  }

  boolean matches(Entry.Seen seen, String ownRegion, String router) {
    Subject subject = seen.subject();
    return isOr(id, subject.requestId())
        && (tenants.isEmpty() || tenants.contains(subject.tenant()))
        && isOr(model, subject.model())
        && isOr(tenant, subject.tenant())
        && isOr(policy, subject.policy())
        && isOr(word, seen.word())
        && isOr(error, seen.error())
        && (status.isEmpty() || isStatus(seen.status()))
        && (replica.isEmpty()
            || seen.attempts().stream().anyMatch(a -> a.replica().equals(replica)))
        && (region.isEmpty() || seen.attempts().stream().anyMatch(a -> in(a, ownRegion)))
        && (minTtftMs <= 0 || seen.millis(Point.FIRST_BYTE) >= minTtftMs)
        && seen.arrivedMillis() >= sinceMillis
        && (before == null
            || NEWEST_FIRST.compare(new Mark(seen.arrivedMillis(), router, seen.number()), before)
                > 0);
  }

  private boolean in(Entry.Tried attempt, String ownRegion) {
    return region.equals(attempt.region().isEmpty() ? ownRegion : attempt.region());
  }

  private boolean isStatus(int actual) {
    return status.endsWith("xx")
        ? status.charAt(0) - '0' == actual / 100
        : status.equals(Integer.toString(actual));
  }

  private static boolean isOr(String wanted, String actual) {
    return wanted.isEmpty() || wanted.equals(actual);
  }
}
