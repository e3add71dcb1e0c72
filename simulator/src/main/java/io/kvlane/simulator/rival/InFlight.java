package io.kvlane.simulator.rival;

import io.kvlane.simulator.fleet.FleetSpec;
import io.kvlane.simulator.fleet.Request;
import java.util.HashMap;
import java.util.Map;

/**
 * What one router itself has in flight, by replica. Unlike the counts of {@link
 * io.kvlane.simulator.fleet.RouterView}, without what other routers tell.
 */
final class InFlight {
  private final FleetSpec.Engine engine;
  private final int[] requests;
  private final long[] waitingTokens;
  private final Map<Integer, Sent> sent = new HashMap<>();

  /** A request on its way; {@code waitingTokens} are 0 once it has an answer. */
  private record Sent(int replica, int waitingTokens) {}

  InFlight(FleetSpec spec) {
    engine = spec.engine();
    requests = new int[spec.replicas()];
    waitingTokens = new long[spec.replicas()];
  }

  /** Own requests in flight. */
  int requests(int replica) {
    return requests[replica];
  }

  /** Prompt tokens to compute for own requests without a first token. */
  long waitingTokens(int replica) {
    return waitingTokens[replica];
  }

  void dispatched(Request request, int replica, int uncachedTokens) {
    if (!Candidates.fits(request, engine)) {
      return;
    }
    sent.put(request.number(), new Sent(replica, uncachedTokens));
    requests[replica]++;
    waitingTokens[replica] += uncachedTokens;
  }

  void firstToken(Request request) {
    Sent known = sent.get(request.number());
    if (known != null) {
      waitingTokens[known.replica] -= known.waitingTokens;
      sent.put(request.number(), new Sent(known.replica, 0));
    }
  }

  void ended(Request request) {
    firstToken(request);
    Sent known = sent.remove(request.number());
    if (known != null) {
      requests[known.replica]--;
    }
  }
}
