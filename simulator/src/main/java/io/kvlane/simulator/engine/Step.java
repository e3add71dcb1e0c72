package io.kvlane.simulator.engine;

import java.util.List;

/**
 * One pass of the model over a batch.
 *
 * @param prefillTokens prompt tokens computed
 * @param decodes requests that computed one generated token
 * @param events what happened to the cache: a clear, removals, then one store per request
 * @param sampling the requests that get a token when the step ends
 */
public record Step(
    int prefillTokens, int decodes, List<CacheEvent> events, List<Sequence> sampling) {

  /**
   * What a request got out of a step.
   *
   * @param finished whether the request is done
   */
  public record Result(Sequence sequence, boolean finished) {}
}
