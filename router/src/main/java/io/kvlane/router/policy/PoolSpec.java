package io.kvlane.router.policy;

/**
 * Replicas that serve one model.
 *
 * @param model the name that clients send; no two pools have the same
 * @param keySpace what keys of its cache are made of
 * @param chunkBytes of text keys, 16 to 65,536
 * @param maxRequestsPerReplica 1 to 100,000
 * @param fallbackPool the pool that answers when this one cannot; empty for none
 */
public record PoolSpec(
    String id,
    String description,
    String model,
    Keys keySpace,
    int chunkBytes,
    int maxRequestsPerReplica,
    String fallbackPool)
    implements Resource {

  /** What holds where a pool leaves a field out. */
  static final PoolSpec DEFAULTS = new PoolSpec("", "", "", Keys.TOKENS, 256, 320, "");

  /** What keys are made of. */
  public enum Keys {
    TOKENS,
    TEXT
  }
}
