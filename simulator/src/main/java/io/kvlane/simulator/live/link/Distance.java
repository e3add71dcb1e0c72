package io.kvlane.simulator.live.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How far two ends of a link are apart.
 *
 * @param roundTrip shortest way there and back, 0 to one minute; each direction takes half of it
 * @param jitter how much longer way there and back may take, 0 to one minute; evenly distributed
 */
public record Distance(Duration roundTrip, Duration jitter) {
  private static final Duration MOST = Duration.ofMinutes(1);

  public Distance {
    check("round trip", roundTrip);
    check("jitter", jitter);
  }

  private static void check(String what, Duration value) {
    if (value.isNegative() || value.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: 0 to one minute)");
    }
  }

  /** A distance without jitter. */
  public static Distance ofMillis(long roundTrip) {
    return new Distance(Duration.ofMillis(roundTrip), Duration.ZERO);
  }

  /** What one way takes this time. */
  long oneWayNanos(RandomGenerator random) {
    return (long) (roundTrip.toNanos() / 2.0 + random.nextDouble() * jitter.toNanos() / 2);
  }
}
