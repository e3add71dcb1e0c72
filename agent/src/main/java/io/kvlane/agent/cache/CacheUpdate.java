package io.kvlane.agent.cache;

import io.kvlane.agent.event.Problem;
import io.kvlane.locality.log.DeltaFrame;
import java.util.List;

/**
 * What a batch did to the published keys.
 *
 * @param newEpoch whether everything published before is void
 * @param changes what happened, after the last new epoch if there was one
 * @param problems what was left out
 */
public record CacheUpdate(
    boolean newEpoch, List<DeltaFrame.Change> changes, List<Problem> problems) {

  public CacheUpdate {
    changes = List.copyOf(changes);
    problems = List.copyOf(problems);
  }
}
