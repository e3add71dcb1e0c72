package io.kvlane.router.telemetry.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last requests of one router, bounded by count and by bytes. Those that are over are records
 * of bytes in chunks that are used again and again: objects that live for a second, thousands at a
 * time, would cost the collector more than all the rest of evidence costs. Safe for any thread.
 */
final class Ring {
  private static final int CHUNK = 1 << 16;

  private final int maxEntries;
  private final long capacity;
  private final byte[] @Nullable [] chunks;

  /** Where the record with number n begins, at n modulo its length. */
  private final long[] starts;

  /** Behind the last record. Positions grow for ever, and stand for those modulo the capacity. */
  private long end;

  // Those whose requests are under way, linked by their own fields.
  private @Nullable Entry newest;
  private @Nullable Entry oldest;
  private int open;

  private long first = 1;
  private long ended;
  private long number;

  /**
   * What has ended since.
   *
   * @param from the first of these; above {@code last} for none
   * @param missed how many had to make room
   */
  record Since(long from, long last, long missed) {}

  /**
   * @param maxBytes of requests that are over, of which 64 KiB are the least
   */
  Ring(int maxEntries, long maxBytes) {
    this.maxEntries = maxEntries;
    chunks = new byte[Math.toIntExact(Math.max(1, maxBytes / CHUNK))][];
    capacity = (long) chunks.length * CHUNK;
    starts = new long[Math.max(1, maxEntries)];
  }

  /** A number for an entry, above those before. */
  synchronized long number() {
    return ++number;
  }

  /** Shows an entry whose request is under way, once; the oldest ones make room for it. */
  synchronized void open(Entry entry) {
    if (listed(entry)) {
      return;
    }
    Entry before = newest;
    entry.older = before;
    newest = entry;
    if (before == null) {
      oldest = entry;
    } else {
      before.newer = entry;
    }
    open++;
    if (open > maxEntries && oldest != null) {
      close(oldest);
    }
  }

  private boolean listed(Entry entry) {
    return entry == newest || entry.newer != null;
  }

  private void close(Entry entry) {
    if (!listed(entry)) {
      return;
    }
    Entry older = entry.older;
    Entry newer = entry.newer;
    if (older == null) {
      oldest = newer;
    } else {
      older.newer = newer;
    }
    if (newer == null) {
      newest = older;
    } else {
      newer.older = older;
    }
    entry.older = null;
    entry.newer = null;
    open--;
  }

  /**
   * An entry's request is over; the oldest records make room for its own.
   *
   * @return the record's number
   */
  synchronized long end(Entry entry, PackWriter record) {
    close(entry);
    // One that is too long for all of the room is empty.
    int length = record.length() > capacity ? 0 : record.length();
    while (first <= ended
        && (ended - first + 1 >= maxEntries || end + length - at(first) > capacity)) {
      first++;
    }
    ended++;
    starts[slot(ended)] = end;
    for (int done = 0; done < length; ) {
      int part = part(end, length - done);
      record.copy(done, chunk(end), (int) (end % CHUNK), part);
      done += part;
      end += part;
    }
    return ended;
  }

  private int slot(long record) {
    return (int) (record % starts.length);
  }

  private long at(long record) {
    return record > ended ? end : starts[slot(record)];
  }

  /** How many of so many bytes come before the chunk's end. */
  private static int part(long position, int most) {
    return Math.min(most, CHUNK - (int) (position % CHUNK));
  }

  private byte[] chunk(long position) {
    int place = (int) (position % capacity / CHUNK);
    byte[] chunk = chunks[place];
    if (chunk == null) {
      chunk = new byte[CHUNK];
      chunks[place] = chunk;
    }
    return chunk;
  }

  /** A request that is over; empty if it had to make room. */
  Optional<Entry.Seen> read(long record) {
    byte[] bytes = bytes(record);
    return bytes.length == 0 ? Optional.empty() : Optional.of(Packed.read(bytes));
  }

  private synchronized byte[] bytes(long record) {
    if (record < first || record > ended) {
      return new byte[0];
    }
    long from = at(record);
    byte[] bytes = new byte[(int) (at(record + 1) - from)];
    for (int done = 0; done < bytes.length; ) {
      int part = part(from + done, bytes.length - done);
      System.arraycopy(chunk(from + done), (int) ((from + done) % CHUNK), bytes, done, part);
      done += part;
    }
    return bytes;
  }

  /** All that are kept: those under way, then those that are over; of each the newest first. */
  Stream<Entry.Seen> newest() {
    List<Entry> live = new ArrayList<>();
    long from;
    long to;
    synchronized (this) {
      for (Entry entry = newest; entry != null; entry = entry.older) {
        live.add(entry);
      }
      from = first;
      to = ended;
    }
    // What ends meanwhile is still among those under way.
    return Stream.concat(
        live.stream().flatMap(entry -> entry.seen().stream()),
        LongStream.rangeClosed(from, to)
            .map(record -> from + to - record)
            .mapToObj(this::read)
            .flatMap(Optional::stream));
  }

  /**
   * What has ended after that.
   *
   * @param after {@link Since#last} of the last time; negative, or not of this ring, for nothing
   *     but that number
   */
  synchronized Since since(long after) {
    if (after < 0 || after > ended) {
      return new Since(ended + 1, ended, 0);
    }
    long from = Math.max(after + 1, first);
    return new Since(from, ended, from - after - 1);
  }

  synchronized int size() {
    return (int) (ended - first + 1) + open;
  }

  /** Of those that are over. */
  synchronized long bytes() {
    return end - at(first);
  }
}
