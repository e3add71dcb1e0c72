package io.kvlane.router.region;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Takes each forwarded request once. TLS keeps strangers from replaying a message, this keeps a
 * router from it, a broken one or one whose certificate was stolen: a forward shows a ticket that
 * this process gave out lately, and a number that was not used with it. Needs no clock that two
 * regions would have to agree on. Safe for any thread.
 */
public final class ForwardGuard {
  private static final long TICKET_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int TICKET_BYTES = 8;

  /** At 3,000 forwards a second for as long as their tickets hold. */
  private static final int MAX_SEEN = 2_000_000;

  private static final int MAX_LENGTH = 128;

  private final SecureRandom random = new SecureRandom();
  private final LongSupplier nanos;
  private final Cache<String, Boolean> seen;
  private String ticket;
  private String former = "";
  private long since;

  /**
   * @param nanos a monotonic clock
   */
  public ForwardGuard(LongSupplier nanos) {
    this.nanos = nanos;
    this.seen =
        Caffeine.newBuilder()
            .maximumSize(MAX_SEEN)
            .expireAfterWrite(2 * TICKET_NANOS, TimeUnit.NANOSECONDS)
            .ticker((Ticker) nanos::getAsLong)
            .build();
    this.ticket = draw();
    this.since = nanos.getAsLong();
  }

  private String draw() {
    byte[] bytes = new byte[TICKET_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The present ticket; it is taken for five to ten minutes. */
  public synchronized String ticket() {
    if (nanos.getAsLong() - since > TICKET_NANOS) {
      former = ticket;
      ticket = draw();
      since = nanos.getAsLong();
    }
    return ticket;
  }

  /** Whether a request that shows {@code pass}, a ticket and a number after it, may be served. */
  public boolean admits(String pass) {
    int dash = pass.indexOf('-');
    if (dash != 2 * TICKET_BYTES || pass.length() > MAX_LENGTH) {
      return false;
    }
    String shown = pass.substring(0, dash);
    boolean known;
    synchronized (this) {
      known = shown.equals(ticket()) || shown.equals(former);
    }
    return known && seen.asMap().putIfAbsent(pass, Boolean.TRUE) == null;
  }
}
