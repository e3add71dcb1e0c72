package io.kvlane.locality.log;

/**
 * A part of another region's digest on its way to the routers of this one, in {@link
 * LocalityLog#DIGESTS}.
 *
 * @param region whose digest it is
 * @param router that fetched it
 * @param epoch grows whenever all is published anew; older ones are void
 * @param sequence from 0 in each epoch, without holes
 * @param complete whether a reader that has all frames of the epoch up to this one knows the digest
 * @param asOf moment at which the digest was as it is then or newer, by the fetching router's
 *     clock, milliseconds since the epoch of 1970
 * @param delta what changed
 */
public record DigestFrame(
    String region,
    String router,
    long epoch,
    long sequence,
    boolean complete,
    long asOf,
    DigestDelta delta) {

  /**
   * Layout, little-endian: magic {@code KVF}, version 1, region, router (2-byte length, UTF-8
   * each), epoch, sequence (8 each), complete (1), asOf (8), length (4) and bytes of the delta;
   * last the CRC-32C of all before it (4).
   */
  public byte[] encode() {
    ByteWriter out = new ByteWriter("KVF", region);
    byte[] inner = delta.encode();
    out.putString(region).putString(router).putLong(epoch).putLong(sequence);
    out.putByte(complete ? 1 : 0).putLong(asOf).putInt(inner.length).putBytes(inner);
    return out.finish();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws LogFormatException if the bytes are damaged or of another version
   */
  public static DigestFrame decode(byte[] bytes) throws LogFormatException {
    ByteReader in = new ByteReader("KVF", bytes);
    String region = in.getString();
    String router = in.getString();
    long epoch = in.getLong();
    long sequence = in.getLong();
    boolean complete = in.getByte() != 0;
    long asOf = in.getLong();
    DigestDelta delta = DigestDelta.decode(in.getBytes(in.getCount(1)));
    in.finish();
    return new DigestFrame(region, router, epoch, sequence, complete, asOf, delta);
  }
}
