package io.kvlane.locality.log;

import java.util.ArrayList;
import java.util.List;

/**
 * What one router has in flight at each replica. The last one of each router counts, and only for a
 * short while: a router that falls silent has nothing in flight.
 *
 * @param router the writer's id
 * @param loads replicas with anything in flight; the others have nothing
 */
public record LoadReport(String router, List<Load> loads) {

  public LoadReport {
    loads = List.copyOf(loads);
  }

  /**
   * One replica's load.
   *
   * @param replica its id
   * @param requests dispatched and not ended
   * @param unanswered those of them without a first byte
   * @param waitingTokens uncached prompt tokens of the unanswered ones
   */
  public record Load(String replica, int requests, int unanswered, long waitingTokens) {}

  /**
   * Layout, little-endian: magic {@code KVL}, version 1, router (2-byte length, UTF-8), number of
   * loads (4), then per load the replica (2-byte length, UTF-8), requests (4), unanswered (4),
   * waitingTokens (8); last the CRC-32C of all before it (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVL", router);
    out.putString(router).putInt(loads.size());
    for (Load load : loads) {
      out.putString(load.replica)
          .putInt(load.requests)
          .putInt(load.unanswered)
          .putLong(load.waitingTokens);
    }
    return out.finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static LoadReport decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVL", bytes);
    String router = in.getString();
    int count = in.getCount(Short.BYTES + 2 * Integer.BYTES + Long.BYTES);
    List<Load> loads = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      loads.add(new Load(in.getString(), in.getInt(), in.getInt(), in.getLong()));
    }
    in.finish();
    return new LoadReport(router, loads);
  }
}
