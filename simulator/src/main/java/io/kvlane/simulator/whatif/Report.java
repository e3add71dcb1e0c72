package io.kvlane.simulator.whatif;

import java.util.List;

/**
 * What a change of the policy would have changed.
 *
 * @param requests how many were replayed
 * @param changed how many of them another replica would have served
 * @param before under the first policy
 * @param after under the second
 * @param examples the first of the changed requests
 */
public record Report(
    int requests, int changed, Outcome before, Outcome after, List<Example> examples) {

  /**
   * What became of all requests under one policy.
   *
   * @param hitRatio share of the prompt tokens of served requests that were cached, 0 to 1
   * @param ttftP50Ms median time to first token; NaN if no request got one
   * @param ttftP95Ms 95th percentile of it
   * @param crossRegionShare share of the served requests that left their client's region, 0 to 1
   * @param failed requests without a complete answer
   */
  public record Outcome(
      double hitRatio, double ttftP50Ms, double ttftP95Ms, double crossRegionShare, int failed) {}

  /**
   * A request that would have gone elsewhere.
   *
   * @param request its place in the recording, from 0
   * @param from the replica under the first policy; -1 for none
   * @param to the replica under the second; -1 for none
   */
  public record Example(int request, int from, int to) {}

  public Report {
    examples = List.copyOf(examples);
  }
}
