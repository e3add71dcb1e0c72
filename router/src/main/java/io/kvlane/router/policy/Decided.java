package io.kvlane.router.policy;

import java.util.List;

/**
 * What a write would lead to; nothing of it is done yet.
 *
 * @param description why, in the writer's words
 * @param deltas the change; empty if all is as it was, then there is no new revision
 * @param next what the deltas make of the current state
 */
public record Decided(
    String description, List<Content.Delta> deltas, Content next, List<Diff.Entry> diff) {
  public Decided {
    deltas = List.copyOf(deltas);
    diff = List.copyOf(diff);
  }
}
