package io.kvlane.router.policy;

import java.util.List;

/** What the writer knows of a resource that it writes. */
public sealed interface Precondition {
  /** Nothing: such a write is refused. */
  record None() implements Precondition {}

  /** It does not exist. */
  record Absent() implements Precondition {}

  /**
   * It is as it was.
   *
   * @param etags strong ones, quotes included; weak ones match nothing
   */
  record Matches(List<String> etags) implements Precondition {
    public Matches {
      etags = List.copyOf(etags);
    }
  }
}
