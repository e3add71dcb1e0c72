package io.kvlane.locality.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FramesTest {
  private static final DeltaFrame FRAME =
      new DeltaFrame(
          "replica-1",
          KeySpace.TOKENS,
          7,
          3,
          1_700_000_000_000L,
          List.of(
              new DeltaFrame.Removed(new long[] {-1, 5}),
              new DeltaFrame.Stored(new Random(1).longs(300).toArray())));
  private static final SnapshotChunk CHUNK =
      new SnapshotChunk("replica-1", KeySpace.TEXT, 7, 3, 0, 2, new long[] {1, 2, 3});

  @Test
  void frame_encoded_decodesToItself() throws Exception {
    DeltaFrame decoded = DeltaFrame.decode(FRAME.encode());

    assertThat(decoded).usingRecursiveComparison().isEqualTo(FRAME);
  }

  @Test
  void chunk_encoded_decodesToItself() throws Exception {
    assertThat(SnapshotChunk.decode(CHUNK.encode())).usingRecursiveComparison().isEqualTo(CHUNK);
  }

  @Test
  void routedFrame_encoded_decodesToItself() throws Exception {
    RoutedFrame frame =
        new RoutedFrame(
            "router-1", 5, List.of(new RoutedFrame.Routed("r", 2, new long[] {1, 2}, 64.5f)));

    assertThat(RoutedFrame.decode(frame.encode())).usingRecursiveComparison().isEqualTo(frame);
  }

  @Test
  void loadReport_encoded_decodesToItself() throws Exception {
    LoadReport report = new LoadReport("router-1", List.of(new LoadReport.Load("r", 2, 1, 3_000)));

    assertThat(LoadReport.decode(report.encode())).isEqualTo(report);
  }

  @Test
  void decode_anyTruncation_isRefused() {
    byte[] frame = FRAME.encode();
    for (int length = 0; length < frame.length; length++) {
      byte[] cut = Arrays.copyOf(frame, length);
      assertThatThrownBy(() -> DeltaFrame.decode(cut)).isInstanceOf(LogFormatException.class);
    }
  }

  @Test
  void decode_anySingleBitError_isRefused() {
    byte[] frame = CHUNK.encode();
    for (int bit = 0; bit < frame.length * 8; bit++) {
      byte[] bad = frame.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> SnapshotChunk.decode(bad)).isInstanceOf(LogFormatException.class);
    }
  }

  @Test
  void decode_otherKind_isRefused() {
    assertThatThrownBy(() -> DeltaFrame.decode(CHUNK.encode())).hasMessageContaining("KVD");
  }

  @Test
  void ring_ofAReplica_isStableAndOneOfThem() {
    assertThat(LocalityLog.ring("replica-1")).isEqualTo(LocalityLog.ring("replica-1"));
    assertThat(LocalityLog.ring("x")).matches("kvlane-deltas-[0-7]");
  }
}
