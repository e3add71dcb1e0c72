package io.kvlane.locality.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.locality.prefix.KeySpace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Reads the layouts of {@link ByteWriter}; checks the checksum first and every length after. */
final class ByteReader {
  private final ByteBuffer buffer;

  ByteReader(String magic, byte[] bytes) throws LogFormatException {
    int header = magic.length() + 1;
    if (bytes.length < header + Integer.BYTES) {
      throw new LogFormatException(bytes.length + " bytes are too few");
    }
    int end = bytes.length - Integer.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    if (ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(end) != (int) crc.getValue()) {
      throw new LogFormatException("checksum does not match");
    }
    buffer = ByteBuffer.wrap(bytes, 0, end).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < magic.length(); i++) {
      if (buffer.get() != magic.charAt(i)) {
        throw new LogFormatException("does not begin with " + magic);
      }
    }
    int version = buffer.get();
    if (version != ByteWriter.VERSION) {
      throw new LogFormatException(
          "version " + version + " (expected: " + ByteWriter.VERSION + ")");
    }
  }

  private ByteBuffer need(long bytes) throws LogFormatException {
    if (bytes < 0 || buffer.remaining() < bytes) {
      throw new LogFormatException(
          "ends at byte " + buffer.limit() + ", wants " + bytes + " at " + buffer.position());
    }
    return buffer;
  }

  int getByte() throws LogFormatException {
    return need(1).get();
  }

  int getInt() throws LogFormatException {
    return need(Integer.BYTES).getInt();
  }

  long getLong() throws LogFormatException {
    return need(Long.BYTES).getLong();
  }

  KeySpace getSpace() throws LogFormatException {
    int code = getByte();
    for (KeySpace space : KeySpace.values()) {
      if (space.code() == code) {
        return space;
      }
    }
    throw new LogFormatException("key space " + code);
  }

  String getString() throws LogFormatException {
    int length = need(Short.BYTES).getShort() & 0xffff;
    byte[] bytes = new byte[length];
    need(length).get(bytes);
    return new String(bytes, UTF_8);
  }

  /** A number of elements of at least {@code minBytes} each: no allocation beyond what is there. */
  int getCount(int minBytes) throws LogFormatException {
    int count = getInt();
    need((long) count * minBytes);
    return count;
  }

  long[] getKeys() throws LogFormatException {
    long[] keys = new long[getCount(Long.BYTES)];
    buffer.asLongBuffer().get(keys);
    buffer.position(buffer.position() + keys.length * Long.BYTES);
    return keys;
  }

  byte[] getBytes(int length) throws LogFormatException {
    byte[] bytes = new byte[length];
    need(length).get(bytes);
    return bytes;
  }

  void finish() throws LogFormatException {
    if (buffer.hasRemaining()) {
      throw new LogFormatException(buffer.remaining() + " bytes too many");
    }
  }
}
