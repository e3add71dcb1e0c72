package io.kvlane.router.api;

import java.util.ArrayList;
import java.util.List;

/**
 * Checks the time limits of all requests of one event loop in turn: cheaper than a timer for each.
 */
final class Sweeper {
  /** What is to be checked. */
  interface Watched {
    void tick(long now);

    /** The router stops: it has to end. */
    void stop();
  }

  /** A place in the sweeper, kept by who is watched. */
  static final class Place {
    private int index = -1;
  }

  private record Entry(Watched watched, Place place) {}

  private final List<Entry> entries = new ArrayList<>();

  void add(Watched watched, Place place) {
    place.index = entries.size();
    entries.add(new Entry(watched, place));
  }

  void remove(Place place) {
    if (place.index >= 0) {
      Entry last = entries.removeLast();
      if (last.place != place) {
        entries.set(place.index, last);
        last.place.index = place.index;
      }
      place.index = -1;
    }
  }

  int size() {
    return entries.size();
  }

  /** Ends everyone. */
  void stopAll() {
    for (Entry entry : List.copyOf(entries)) {
      entry.watched.stop();
    }
  }

  /** Ticks everyone; who is removed meanwhile may miss a turn of another. */
  void sweep(long now) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (i < entries.size()) {
        entries.get(i).watched.tick(now);
      }
    }
  }
}
