package io.kvlane.locality.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests that one router has just sent to replicas, by their text chains. All routers of a region
 * fold all of these in the order of their ring, so that they agree what a replica without KV events
 * should hold and which prefixes are shared by many.
 *
 * @param router the writer's id
 * @param sentAt the writer's clock, milliseconds since the epoch; for measuring lag only
 * @param requests in the order in which they were sent
 */
public record RoutedFrame(String router, long sentAt, List<Routed> requests) {

  public RoutedFrame {
    requests = List.copyOf(requests);
  }

  /**
   * One request.
   *
   * @param replica where it went
   * @param epoch life of that replica's cache, as the router knew it
   * @param chain the request's keys in the text space
   * @param tokensPerKey how much of that replica's cache a key takes, as the writer has learned it
   *     from what the engine reports; above 0
   */
  public record Routed(String replica, long epoch, long[] chain, float tokensPerKey) {}

  /**
   * Layout, little-endian: magic {@code KVR}, version 1, sentAt (8), router (2-byte length, UTF-8),
   * number of requests (4), then per request the replica (2-byte length, UTF-8), epoch (8), number
   * of keys (4), keys (8 each), tokens per key (4, IEEE 754); last the CRC-32C of all before it
   * (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVR", router);
    out.putLong(sentAt).putString(router).putInt(requests.size());
    for (Routed routed : requests) {
      out.putString(routed.replica).putLong(routed.epoch).putKeys(routed.chain);
      out.putInt(Float.floatToRawIntBits(routed.tokensPerKey));
    }
    return out.finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static RoutedFrame decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVR", bytes);
    long sentAt = in.getLong();
    String router = in.getString();
    int count = in.getCount(Short.BYTES + Long.BYTES + 2 * Integer.BYTES);
    List<Routed> requests = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String replica = in.getString();
      long epoch = in.getLong();
      long[] chain = in.getKeys();
      float tokensPerKey = Float.intBitsToFloat(in.getInt());
      if (!(tokensPerKey > 0 && tokensPerKey < Float.MAX_VALUE)) {
        throw new LogFormatException("tokens per key: " + tokensPerKey + " (expected: above 0)");
      }
      requests.add(new Routed(replica, epoch, chain, tokensPerKey));
    }
    in.finish();
    return new RoutedFrame(router, sentAt, requests);
  }
}
