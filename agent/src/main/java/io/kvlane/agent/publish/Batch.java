package io.kvlane.agent.publish;

import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.DeltaFrame.Change;
import io.kvlane.locality.log.DeltaFrame.Removed;
import io.kvlane.locality.log.DeltaFrame.Stored;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Changes that wait to be cut into frames of at most {@link DeltaFrame#MAX_KEYS} keys. */
final class Batch {
  private final List<List<Change>> frames = new ArrayList<>();
  private List<Change> open = new ArrayList<>();
  private int openKeys;

  void add(Change change) {
    long[] keys = change.keys();
    int from = 0;
    while (from < keys.length) {
      int n = Math.min(keys.length - from, DeltaFrame.MAX_KEYS - openKeys);
      long[] part = Arrays.copyOfRange(keys, from, from + n);
      open.add(
          switch (change) {
            case Stored _ -> new Stored(part);
            case Removed _ -> new Removed(part);
          });
      openKeys += n;
      from += n;
      if (openKeys == DeltaFrame.MAX_KEYS) {
        cut();
      }
    }
  }

  /** Closes the frame that is being filled, if it holds anything. */
  void cut() {
    if (!open.isEmpty()) {
      frames.add(open);
      open = new ArrayList<>();
      openKeys = 0;
    }
  }

  boolean isOpen() {
    return !open.isEmpty();
  }

  /** The closed frames, each once. */
  List<List<Change>> take() {
    List<List<Change>> taken = List.copyOf(frames);
    frames.clear();
    return taken;
  }

  void clear() {
    frames.clear();
    open.clear();
    openKeys = 0;
  }
}
