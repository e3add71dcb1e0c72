package io.kvlane.agent.publish;

import java.util.concurrent.CompletionStage;

/** The region's structures as one publisher sees them; calls return at once and may fail. */
interface RegionStore {

  /** Grows each time the region was reached anew; 0 while it never was. */
  long connections();

  boolean isOnline();

  /** How many frames the replica's ring holds. Only while online. */
  CompletionStage<Long> capacity();

  /** Appends a frame; completes with its place in the ring. */
  CompletionStage<Long> add(byte[] frame);

  /** What an earlier run of this agent left. */
  CompletionStage<Previous> previous();

  CompletionStage<?> putChunk(String key, byte[] chunk);

  CompletionStage<?> removeChunk(String key);

  CompletionStage<?> putState(byte[] json);

  CompletionStage<?> removeState();

  /**
   * What was found of an earlier run.
   *
   * @param epoch the highest one seen, -1 for none
   * @param chunks of its snapshot, 0 for none
   */
  record Previous(long epoch, int chunks) {}
}
