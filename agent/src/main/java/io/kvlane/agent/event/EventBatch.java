package io.kvlane.agent.event;

import java.util.List;

/**
 * What one payload says.
 *
 * @param ts the engine's clock, seconds since the epoch; NaN if unreadable
 * @param rank the data-parallel rank that it speaks of, 0 if it does not say
 * @param events in the order in which they happened
 * @param problems what was left out
 */
public record EventBatch(double ts, int rank, List<KvEvent> events, List<Problem> problems) {

  public EventBatch {
    events = List.copyOf(events);
    problems = List.copyOf(problems);
  }
}
