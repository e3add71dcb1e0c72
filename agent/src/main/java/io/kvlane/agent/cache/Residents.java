package io.kvlane.agent.cache;

import io.kvlane.locality.log.DeltaFrame.Change;
import io.kvlane.locality.log.DeltaFrame.Removed;
import io.kvlane.locality.log.DeltaFrame.Stored;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys that are published as cached, and the changes that have not been taken yet. A key may
 * have several copies (ranks, groups); it enters with the first and leaves with the last.
 */
final class Residents {
  private final Map<Long, Resident> byKey = new LinkedHashMap<>();
  private List<Change> changes = new ArrayList<>();
  private long[] run = new long[64];
  private int runLength;
  private boolean runStored;

  private static final class Resident {
    final long parent;
    int copies;

    Resident(long parent) {
      this.parent = parent;
    }
  }

  int size() {
    return byKey.size();
  }

  void add(long key, long parent) {
    Resident resident = byKey.computeIfAbsent(key, _ -> new Resident(parent));
    if (resident.copies++ == 0) {
      log(key, true);
    }
  }

  void remove(long key) {
    Resident resident = byKey.get(key);
    if (resident != null && --resident.copies == 0) {
      byKey.remove(key);
      log(key, false);
    }
  }

  void clear() {
    byKey.clear();
    changes = new ArrayList<>();
    runLength = 0;
  }

  private void log(long key, boolean stored) {
    if (stored != runStored) {
      endRun();
      runStored = stored;
    }
    if (runLength == run.length) {
      run = Arrays.copyOf(run, runLength * 2);
    }
    run[runLength++] = key;
  }

  private void endRun() {
    if (runLength > 0) {
      long[] keys = Arrays.copyOf(run, runLength);
      changes.add(runStored ? new Stored(keys) : new Removed(keys));
      runLength = 0;
    }
  }

  /** The changes since the last call, in order. */
  List<Change> takeChanges() {
    endRun();
    List<Change> taken = changes;
    changes = new ArrayList<>();
    return taken;
  }

  /** All keys, parents before children. */
  long[] keys() {
    long[] keys = new long[byKey.size()];
    Map<Long, Boolean> emitted = HashMap.newHashMap(keys.length);
    List<Long> path = new ArrayList<>();
    int count = 0;
    for (Long first : byKey.keySet()) {
      // A block that was evicted and stored again stands behind its children: climb first.
      long key = first;
      Resident resident = byKey.get(key);
      while (resident != null && emitted.putIfAbsent(key, true) == null) {
        path.add(key);
        key = resident.parent;
        resident = byKey.get(key);
      }
      for (int i = path.size() - 1; i >= 0; i--) {
        keys[count++] = path.get(i);
      }
      path.clear();
    }
    return keys;
  }
}
