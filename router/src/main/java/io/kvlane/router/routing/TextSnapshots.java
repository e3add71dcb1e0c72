package io.kvlane.router.routing;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.List;

/**
 * Snapshots of the text index, so that a router that starts late need not have seen every request.
 * The cluster's oldest member writes them; two that do so do no harm, for both write the same. A
 * snapshot's sequence is that of the last item of the ring of routed requests that it contains.
 * Used on the locality thread.
 */
final class TextSnapshots {
  static final long PERIOD_MILLIS = 2_000;

  private final HazelcastInstance hazelcast;
  private final IMap<String, byte[]> snapshots;
  private final LocalityMap map;
  private long folded = -1;
  private long written = -1;

  TextSnapshots(HazelcastInstance hazelcast, LocalityMap map) {
    this.hazelcast = hazelcast;
    this.snapshots = hazelcast.getMap(LocalityLog.SNAPSHOTS);
    this.map = map;
  }

  /** The item {@code sequence} of the ring is in the map. */
  void folded(long sequence) {
    folded = sequence;
  }

  void write(List<Replica> replicas) {
    boolean oldest = hazelcast.getCluster().getMembers().iterator().next().localMember();
    if (!oldest || folded == written) {
      return;
    }
    for (Replica replica : replicas) {
      write(replica, map.routed(replica.id()));
    }
    written = folded;
  }

  private void write(Replica replica, long[] keys) {
    int count = Math.max(1, (keys.length + SnapshotChunk.MAX_KEYS - 1) / SnapshotChunk.MAX_KEYS);
    for (int i = count - 1; i >= 0; i--) {
      int from = i * SnapshotChunk.MAX_KEYS;
      long[] part =
          Arrays.copyOfRange(keys, from, Math.min(keys.length, from + SnapshotChunk.MAX_KEYS));
      SnapshotChunk chunk =
          new SnapshotChunk(
              replica.id(), KeySpace.TEXT, replica.state().epoch(), folded, i, count, part);
      snapshots.set(SnapshotChunk.mapKey(replica.id(), KeySpace.TEXT, i), chunk.encode());
    }
  }

  /** Takes over what others wrote of a replica, as far as it is whole and of the present epoch. */
  void restore(Replica replica, RecoveryReader reader) {
    List<SnapshotChunk> chunks = reader.chunks(replica.id(), KeySpace.TEXT);
    if (!chunks.isEmpty()) {
      long[] keys = chunks.stream().flatMapToLong(c -> Arrays.stream(c.keys())).toArray();
      map.restore(replica.id(), chunks.getFirst().epoch(), keys);
    }
  }
}
