package io.kvlane.locality.log;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.prefix.KeySpace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What routers and agents of another version may send, and how it is refused. */
class VersionsTest {
  /** Where the version is: behind the three letters of the magic. */
  private static final int AT = 3;

  /** Reads a layout. */
  private interface Reader {
    Object read(byte[] bytes) throws LogFormatException;
  }

  private static Arguments layout(String name, byte[] bytes, Reader reader) {
    return Arguments.of(name, bytes, reader);
  }

  static Stream<Arguments> layouts() {
    long[] keys = {1, 2, 3};
    var stored = List.<DeltaFrame.Change>of(new DeltaFrame.Stored(keys));
    var level = new DigestDelta.Level(keys, new long[0]);
    var delta = new DigestDelta(7, 1, 2, 6, Collections.nCopies(DigestDelta.LEVELS, level));
    return Stream.of(
        layout(
            "delta",
            new DeltaFrame("r", KeySpace.TOKENS, 1, 0, 0, stored).encode(),
            DeltaFrame::decode),
        layout(
            "snapshot",
            new SnapshotChunk("r", KeySpace.TEXT, 1, 0, 0, 1, keys).encode(),
            SnapshotChunk::decode),
        layout(
            "routed",
            new RoutedFrame("router", 0, List.of(new RoutedFrame.Routed("r", 1, keys, 64)))
                .encode(),
            RoutedFrame::decode),
        layout(
            "load",
            new LoadReport("router", List.of(new LoadReport.Load("r", 1, 1, 64))).encode(),
            LoadReport::decode),
        layout("digest", delta.encode(), DigestDelta::decode),
        layout(
            "digest in the region",
            new DigestFrame("eu-west", "router", 1, 0, true, 5, delta).encode(),
            DigestFrame::decode));
  }

  /** The same as a writer of another version might send it: intact. */
  private static byte[] as(int version, byte[] bytes) {
    byte[] other = bytes.clone();
    other[AT] = (byte) version;
    CRC32C crc = new CRC32C();
    crc.update(other, 0, other.length - Integer.BYTES);
    ByteBuffer.wrap(other)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(other.length - Integer.BYTES, (int) crc.getValue());
    return other;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void decode_nextVersion_isRefusedByItsNumber(String name, byte[] bytes, Reader reader) {
    assertThatThrownBy(() -> reader.read(as(ByteWriter.VERSION + 1, bytes)))
        .isInstanceOf(LogFormatException.class)
        .hasMessage("version " + (ByteWriter.VERSION + 1) + " (expected: 1)");
    assertThatCode(() -> reader.read(as(ByteWriter.VERSION, bytes))).doesNotThrowAnyException();
  }
}
