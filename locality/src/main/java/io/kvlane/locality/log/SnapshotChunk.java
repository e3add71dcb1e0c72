package io.kvlane.locality.log;

import io.kvlane.locality.prefix.KeySpace;

/**
 * Part of what a replica's cache held after a frame, so that a new reader need not follow the log
 * from its beginning. Chunk 0 is written last: who finds it finds the others, and follows the log
 * from {@code sequence + 1}.
 *
 * @param replica the replica's id
 * @param space which index the keys belong to
 * @param epoch life of the replica's cache
 * @param sequence of the last frame that the snapshot contains, -1 for none
 * @param index of this chunk, from 0
 * @param count of chunks in the snapshot, at least 1
 * @param keys parents before children
 */
public record SnapshotChunk(
    String replica, KeySpace space, long epoch, long sequence, int index, int count, long[] keys) {

  /** Where a writer cuts a chunk: 64 kB. */
  public static final int MAX_KEYS = 8_192;

  /** The key of a chunk in {@link LocalityLog#SNAPSHOTS}; a newer snapshot overwrites the older. */
  public static String mapKey(String replica, KeySpace space, int index) {
    return replica + '/' + space + '/' + index;
  }

  /**
   * Layout, little-endian: magic {@code KVS}, version 1, space (1 byte), epoch, sequence (8 each),
   * index, count (4 each), replica (2-byte length, UTF-8), number of keys (4), the keys (8 each),
   * last the CRC-32C of all before it (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVS", replica);
    out.putByte(space.code()).putLong(epoch).putLong(sequence).putInt(index).putInt(count);
    return out.putString(replica).putKeys(keys).finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static SnapshotChunk decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVS", bytes);
    KeySpace space = in.getSpace();
    long epoch = in.getLong();
    long sequence = in.getLong();
    int index = in.getInt();
    int count = in.getInt();
    String replica = in.getString();
    long[] keys = in.getKeys();
    in.finish();
    return new SnapshotChunk(replica, space, epoch, sequence, index, count, keys);
  }
}
