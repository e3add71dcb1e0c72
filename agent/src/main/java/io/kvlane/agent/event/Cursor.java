package io.kvlane.agent.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;
import org.msgpack.value.ValueType;

/**
 * A place in a msgpack payload that can be moved. Every failure of the library becomes a {@link
 * MalformedException}, and every declared length is compared with the bytes that are left before it
 * is believed.
 */
final class Cursor {
  private final byte[] bytes;
  private final MessageUnpacker unpacker;
  private int base;

  Cursor(byte[] bytes) {
    this.bytes = bytes;
    this.unpacker = MessagePack.newDefaultUnpacker(bytes);
  }

  @FunctionalInterface
  private interface Read<T> {
    T run() throws IOException;
  }

  private <T> T read(String what, Read<T> read) throws MalformedException {
    int at = position();
    try {
      return read.run();
    } catch (MessagePackException | IOException e) {
      throw new MalformedException(
          what + " at byte " + at + ": " + e.getClass().getSimpleName().replace("Message", ""));
    }
  }

  int position() {
    return base + Math.toIntExact(unpacker.getTotalReadBytes());
  }

  void seek(int position) throws MalformedException {
    base = position;
    read(
        "seek",
        () -> unpacker.reset(new ArrayBufferInput(bytes, position, bytes.length - position)));
  }

  int remaining() {
    return bytes.length - position();
  }

  private MessageFormat format() throws MalformedException {
    if (remaining() <= 0) {
      throw new MalformedException("ends at byte " + bytes.length);
    }
    return read("value", unpacker::getNextFormat);
  }

  ValueType type() throws MalformedException {
    MessageFormat format = format();
    if (format == MessageFormat.NEVER_USED) {
      throw new MalformedException("byte c1 at byte " + position());
    }
    return format.getValueType();
  }

  private long need(long length, int at) throws MalformedException {
    if (length < 0 || length > remaining()) {
      throw new MalformedException(
          "length " + length + " at byte " + at + ", but " + remaining() + " bytes are left");
    }
    return length;
  }

  /** The number of elements of the array that begins here. */
  int array(String what) throws MalformedException {
    expect(what, ValueType.ARRAY);
    int at = position();
    return (int) need(read(what, unpacker::unpackArrayHeader), at);
  }

  /** The number of entries of the map that begins here. */
  int map(String what) throws MalformedException {
    expect(what, ValueType.MAP);
    int at = position();
    int entries = read(what, unpacker::unpackMapHeader);
    need(2L * entries, at);
    return entries;
  }

  private void expect(String what, ValueType expected) throws MalformedException {
    ValueType type = type();
    if (type != expected) {
      throw new MalformedException(
          what + " at byte " + position() + " is " + type + " (expected: " + expected + ")");
    }
  }

  /** Steps over nil. */
  boolean nil() throws MalformedException {
    return type() == ValueType.NIL && read("nil", unpacker::tryUnpackNil);
  }

  /** An integer's 64 bits: unsigned values above {@link Long#MAX_VALUE} come out negative. */
  long bits(String what) throws MalformedException {
    expect(what, ValueType.INTEGER);
    if (format() == MessageFormat.UINT64) {
      return read(what, unpacker::unpackBigInteger).longValue();
    }
    return read(what, unpacker::unpackLong);
  }

  /** An integer in [min, max]. */
  long integer(String what, long min, long max) throws MalformedException {
    int at = position();
    boolean unsigned = type() == ValueType.INTEGER && format() == MessageFormat.UINT64;
    long value = bits(what);
    if (value < min || value > max || (unsigned && value < 0)) {
      throw new MalformedException(
          what + " at byte " + at + " is not in [" + min + ", " + max + "]");
    }
    return value;
  }

  double number(String what) throws MalformedException {
    if (type() == ValueType.INTEGER) {
      return bits(what);
    }
    expect(what, ValueType.FLOAT);
    return read(what, unpacker::unpackDouble);
  }

  byte[] binary(String what) throws MalformedException {
    expect(what, ValueType.BINARY);
    int at = position();
    int length = (int) need(read(what, unpacker::unpackBinaryHeader), at);
    return read(what, () -> unpacker.readPayload(length));
  }

  /** A string, in valid UTF-8: two strings that differ must never look alike. */
  String string(String what) throws MalformedException {
    expect(what, ValueType.STRING);
    int at = position();
    int length = (int) need(read(what, unpacker::unpackRawStringHeader), at);
    byte[] raw = read(what, () -> unpacker.readPayload(length));
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException(what + " at byte " + at + " is not UTF-8");
    }
  }

  /**
   * Steps over one value of any shape. Counts what is still to come in a long and against the bytes
   * that are left: nested headers can neither overflow it nor make it loop.
   */
  void skip() throws MalformedException {
    long pending = 1;
    while (pending > 0) {
      pending--;
      int at = position();
      switch (type()) {
        case ARRAY -> pending += array("value");
        case MAP -> pending += 2L * map("value");
        case STRING -> jump(need(read("value", unpacker::unpackRawStringHeader), at));
        case BINARY -> jump(need(read("value", unpacker::unpackBinaryHeader), at));
        case EXTENSION ->
            jump(need(read("value", unpacker::unpackExtensionTypeHeader).getLength(), at));
        default -> read("value", this::skipScalar);
      }
      need(pending, at);
    }
  }

  private Object skipScalar() throws IOException {
    unpacker.skipValue();
    return this;
  }

  private void jump(long length) throws MalformedException {
    seek(position() + (int) length);
  }
}
