package io.kvlane.simulator.policy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Consumer;

/** What the routers of one region tell one another of the requests that they have sent. */
final class RoutedLog {
  /** What is older has been read, or is of no use to a router that has not asked since. */
  private static final long KEPT_NANOS = 60_000_000_000L;

  private final Deque<Sent> sent = new ArrayDeque<>();
  private final long lagNanos;
  private long dropped;

  /**
   * A request that went to a replica.
   *
   * @param tokens length of its prompt
   */
  record Sent(long atNanos, int router, int replica, long[] chain, int tokens) {}

  RoutedLog(double lagMs) {
    lagNanos = Math.round(lagMs * 1e6);
  }

  void add(Sent request) {
    sent.add(request);
    while (sent.getFirst().atNanos < request.atNanos - KEPT_NANOS) {
      sent.removeFirst();
      dropped++;
    }
  }

  /**
   * Hands over what came after the first {@code from} requests and has arrived by now.
   *
   * @return how many there were until now, to go on from
   */
  long read(long from, long nowNanos, Consumer<Sent> reader) {
    long unread = dropped + sent.size() - Math.max(from, dropped);
    Iterator<Sent> newest = sent.descendingIterator();
    Deque<Sent> batch = new ArrayDeque<>();
    for (; unread > 0; unread--) {
      batch.addFirst(newest.next());
    }
    long read = dropped + sent.size() - batch.size();
    for (Sent request : batch) {
      if (request.atNanos > nowNanos - lagNanos) {
        break;
      }
      reader.accept(request);
      read++;
    }
    return read;
  }
}
