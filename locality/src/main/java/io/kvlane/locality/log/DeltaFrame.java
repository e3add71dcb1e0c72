package io.kvlane.locality.log;

import io.kvlane.locality.prefix.KeySpace;
import java.util.List;

/**
 * A batch of changes to one replica's cache, in the order in which they happened.
 *
 * @param replica the replica's id
 * @param space which index the keys belong to
 * @param epoch life of the replica's cache
 * @param sequence from 0 in each epoch, without holes
 * @param sentAt the writer's clock, milliseconds since the epoch; for measuring lag only
 * @param changes what happened; may be empty, which only announces the epoch
 */
public record DeltaFrame(
    String replica, KeySpace space, long epoch, long sequence, long sentAt, List<Change> changes) {

  /** Where a writer cuts a frame: about 4 kB. */
  public static final int MAX_KEYS = 512;

  public DeltaFrame {
    changes = List.copyOf(changes);
  }

  /** Consecutive keys that share a fate. */
  public sealed interface Change {
    long[] keys();
  }

  /** Blocks that the replica now holds, in chain order. */
  public record Stored(long[] keys) implements Change {}

  /** Blocks that the replica no longer holds. */
  public record Removed(long[] keys) implements Change {}

  /**
   * Layout, little-endian: magic {@code KVD}, version 1, space (1 byte), epoch, sequence, sentAt (8
   * each), replica (2-byte length, UTF-8), number of changes (4), then per change its kind (1), its
   * number of keys (4) and the keys (8 each); last the CRC-32C of all before it (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVD", replica);
    out.putByte(space.code()).putLong(epoch).putLong(sequence).putLong(sentAt);
    out.putString(replica).putInt(changes.size());
    for (Change change : changes) {
      out.putByte(change instanceof Stored ? 0 : 1).putKeys(change.keys());
    }
    return out.finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static DeltaFrame decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVD", bytes);
    KeySpace space = in.getSpace();
    long epoch = in.getLong();
    long sequence = in.getLong();
    long sentAt = in.getLong();
    String replica = in.getString();
    Change[] changes = new Change[in.getCount(5)];
    for (int i = 0; i < changes.length; i++) {
      int kind = in.getByte();
      changes[i] =
          switch (kind) {
            case 0 -> new Stored(in.getKeys());
            case 1 -> new Removed(in.getKeys());
            default -> throw new LogFormatException("change " + i + " has kind " + kind);
          };
    }
    in.finish();
    return new DeltaFrame(replica, space, epoch, sequence, sentAt, List.of(changes));
  }
}
