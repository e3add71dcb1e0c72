package io.kvlane.locality.log;

import com.dynatrace.hash4j.hashing.Hashing;

/**
 * Names of the structures that carry a region's locality map in Hazelcast. Rings hold frames, maps
 * hold chunks; never one entry a block.
 *
 * <ul>
 *   <li>{@link #ring(String)}: Ringbuffer of encoded {@link DeltaFrame}s, all of one replica in one
 *       ring, in order.
 *   <li>{@link #SNAPSHOTS}: IMap from {@link SnapshotChunk#mapKey} to encoded {@link
 *       SnapshotChunk}.
 *   <li>{@link #REPLICAS}: IMap from replica id to {@link ReplicaState} as JSON, with a time to
 *       live of {@link #REPLICA_TTL_MILLIS}: an entry that is not renewed means that the agent is
 *       gone.
 *   <li>{@link #DRAINS}: IMap from {@link DrainState#mapKey} to {@link DrainState} as JSON.
 * </ul>
 */
public final class LocalityLog {
  public static final int RINGS = 8;
  public static final String SNAPSHOTS = "kvlane-snapshots";
  public static final String REPLICAS = "kvlane-replicas";
  public static final String DRAINS = "kvlane-drains";
  public static final String ROUTED = "kvlane-routed";
  public static final String LOAD = "kvlane-load";

  /** Ringbuffer of encoded {@link DigestFrame}s. */
  public static final String DIGESTS = "kvlane-digests";

  /** Topic on which a router names another region whose digest it has not. */
  public static final String DIGEST_WANTED = "kvlane-digest-wanted";

  public static final long REPLICA_TTL_MILLIS = 5_000;

  private static final String RING_PREFIX = "kvlane-deltas-";

  private LocalityLog() {}

  /** The ring that carries {@code replica}'s frames. */
  public static String ring(String replica) {
    return ring((int) Long.remainderUnsigned(Hashing.xxh3_64().hashCharsToLong(replica), RINGS));
  }

  /** Ring number {@code i}, in [0, {@link #RINGS}). */
  public static String ring(int i) {
    return RING_PREFIX + i;
  }
}
