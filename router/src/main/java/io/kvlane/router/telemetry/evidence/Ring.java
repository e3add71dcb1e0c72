package io.kvlane.router.telemetry.evidence;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The last requests of one router, bounded by count and by bytes. Safe for any thread. */
final class Ring {
  private static final int GONE = -1;

  private final int maxEntries;
  private final long maxBytes;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long bytes;
  private long number;
  private long ended;

  /** What has ended since, oldest first. */
  record Since(List<Entry> entries, long last, long missed) {}

  Ring(int maxEntries, long maxBytes) {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /** Keeps an entry; the oldest ones make room for it. */
  synchronized void keep(Entry entry, int size) {
    if (entry.number > 0) {
      return;
    }
    entry.number = ++number;
    entry.bytes = size;
    entries.add(entry);
    bytes += size;
    makeRoom();
  }

  private void makeRoom() {
    while (entries.size() > maxEntries || bytes > maxBytes) {
      Entry oldest = entries.remove();
      bytes -= oldest.bytes;
      oldest.bytes = GONE;
    }
  }

  /** The entry's request is over, and it has that size from now on. */
  synchronized void end(Entry entry, int size) {
    if (entry.ended == 0) {
      entry.ended = ++ended;
    }
    if (entry.number == 0) {
      keep(entry, size);
    } else if (entry.bytes != GONE) {
      bytes += size - entry.bytes;
      entry.bytes = size;
      makeRoom();
    }
  }

  /** All that are kept, newest first. */
  synchronized List<Entry> newest() {
    List<Entry> all = new ArrayList<>(entries.size());
    for (Iterator<Entry> i = entries.descendingIterator(); i.hasNext(); ) {
      all.add(i.next());
    }
    return all;
  }

  /**
   * What has ended after that.
   *
   * @param after {@link Since#last} of the last time; negative, or not of this ring, for nothing
   *     but that number
   */
  synchronized Since since(long after) {
    if (after < 0 || after > ended) {
      return new Since(List.of(), ended, 0);
    }
    List<Entry> found = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.ended > after) {
        found.add(entry);
      }
    }
    found.sort((a, b) -> Long.compare(a.ended, b.ended));
    return new Since(found, ended, ended - after - found.size());
  }

  synchronized int size() {
    return entries.size();
  }

  synchronized long bytes() {
    return bytes;
  }
}
