package io.kvlane.locality.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes the little-endian layouts of this package; grows as needed. */
final class ByteWriter {
  static final int VERSION = 1;

  private ByteBuffer buffer = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);

  ByteWriter(String magic, String replica) {
    if (replica.getBytes(UTF_8).length > 0xffff) {
      throw new IllegalArgumentException("replica: more than 65535 bytes");
    }
    for (int i = 0; i < magic.length(); i++) {
      putByte(magic.charAt(i));
    }
    putByte(VERSION);
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
      buffer =
          ByteBuffer.wrap(Arrays.copyOf(buffer.array(), size))
              .order(ByteOrder.LITTLE_ENDIAN)
              .position(buffer.position());
    }
    return buffer;
  }

  ByteWriter putByte(int value) {
    room(1).put((byte) value);
    return this;
  }

  ByteWriter putInt(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  ByteWriter putLong(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  ByteWriter putString(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    room(Short.BYTES + bytes.length).putShort((short) bytes.length).put(bytes);
    return this;
  }

  ByteWriter putKeys(long[] keys) {
    putInt(keys.length);
    ByteBuffer out = room(keys.length * Long.BYTES);
    out.asLongBuffer().put(keys);
    out.position(out.position() + keys.length * Long.BYTES);
    return this;
  }

  ByteWriter putBytes(byte[] bytes) {
    room(bytes.length).put(bytes);
    return this;
  }

  byte[] finish() {
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, buffer.position());
    putInt((int) crc.getValue());
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
