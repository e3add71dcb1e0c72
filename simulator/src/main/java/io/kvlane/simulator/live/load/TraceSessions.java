package io.kvlane.simulator.live.load;

import io.kvlane.simulator.trace.TraceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sessions of a trace that names none: a request belongs to the first of its blocks that less than
 * 1 % of the requests contain. What comes before is a system prompt that many share.
 */
final class TraceSessions {
  private final Map<Integer, Integer> requestsWith = new HashMap<>();
  private final int common;

  TraceSessions(List<TraceRequest> requests) {
    for (TraceRequest request : requests) {
      // Equal ids have equal prefixes, so no request contains one twice.
      for (int block : request.blocks()) {
        requestsWith.merge(block, 1, Integer::sum);
      }
    }
    common = Math.max(2, (requests.size() + 99) / 100);
  }

  /** Of a request of the trace; its last block if all are common. */
  long of(TraceRequest request) {
    int last = 0;
    for (int block : request.blocks()) {
      last = block;
      if (requestsWith.getOrDefault(block, 0) < common) {
        break;
      }
    }
    return last;
  }
}
