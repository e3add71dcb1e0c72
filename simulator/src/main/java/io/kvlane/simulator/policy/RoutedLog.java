package io.kvlane.simulator.policy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What the routers of one region tell one another of the requests that they have sent. */
final class RoutedLog {
  // What each router has yet to read: all that the others sent.
  private final Map<Integer, Deque<Sent>> unread = new HashMap<>();
  private final long lagNanos;

  /**
   * A request that went to a replica.
   *
   * @param tokens length of its prompt
   */
  record Sent(long atNanos, int router, int replica, long[] chain, int tokens) {}

  RoutedLog(double lagMs) {
    lagNanos = Math.round(lagMs * 1e6);
  }

  /** A router takes part. */
  void join(int router) {
    unread.put(router, new ArrayDeque<>());
  }

  void add(Sent request) {
    unread.forEach(
        (router, queue) -> {
          if (router != request.router) {
            queue.add(request);
          }
        });
  }

  /** Hands over what the others have sent and what has arrived by now. */
  void read(int router, long nowNanos, Consumer<Sent> reader) {
    Deque<Sent> queue = unread.get(router);
    while (queue != null && !queue.isEmpty() && queue.peek().atNanos <= nowNanos - lagNanos) {
      reader.accept(queue.remove());
    }
  }
}
