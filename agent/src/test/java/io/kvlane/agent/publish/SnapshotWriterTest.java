package io.kvlane.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SnapshotWriterTest {
  private final FakeStore store = new FakeStore();
  private final SnapshotWriter writer = new SnapshotWriter(store, "r");

  private static long[] keys(int count) {
    return LongStream.range(0, count).toArray();
  }

  private static String key(int chunk) {
    return SnapshotChunk.mapKey("r", KeySpace.TOKENS, chunk);
  }

  @Test
  void write_severalChunks_theFirstIsWrittenLastAndTheKeysKeepTheirOrder() throws Exception {
    int count = 2 * SnapshotChunk.MAX_KEYS + 5;
    writer.write(7, 41, keys(count));

    assertThat(store.writes).containsExactly(key(2), key(1), key(0));
    LongStream.Builder read = LongStream.builder();
    for (int i = 0; i < 3; i++) {
      SnapshotChunk chunk = SnapshotChunk.decode(store.chunks.get(key(i)));
      assertThat(chunk.epoch()).isEqualTo(7);
      assertThat(chunk.sequence()).isEqualTo(41);
      assertThat(chunk.index()).isEqualTo(i);
      assertThat(chunk.count()).isEqualTo(3);
      LongStream.of(chunk.keys()).forEach(read);
    }
    assertThat(read.build())
        .containsExactly(LongStream.range(0, count).boxed().toArray(Long[]::new));
  }

  @Test
  void write_nothingHeld_isOneEmptyChunk() throws Exception {
    writer.write(7, -1, keys(0));

    assertThat(SnapshotChunk.decode(store.chunks.get(key(0))).keys()).isEmpty();
  }

  @Test
  void write_smallerThanBefore_clearsTheRestAfterChunk0() {
    writer.write(7, 1, keys(2 * SnapshotChunk.MAX_KEYS));
    store.writes.clear();
    writer.write(7, 2, keys(1));

    assertThat(store.writes).containsExactly(key(0), '-' + key(1));
    store.writes.clear();
    writer.write(7, 3, keys(1));
    assertThat(store.writes).containsExactly(key(0));
  }

  @Test
  void write_failed_saysSoAndStillClearsTheRestNextTime() {
    writer.write(7, 1, keys(2 * SnapshotChunk.MAX_KEYS));
    store.failingChunks = true;
    writer.write(7, 2, keys(1));
    assertThat(writer.hasFailed()).isTrue();

    store.failingChunks = false;
    writer.write(7, 3, keys(1));
    assertThat(writer.hasFailed()).isFalse();
    assertThat(store.chunks).containsOnlyKeys(key(0));
  }

  @Test
  void found_chunksOfAnEarlierRun_areCleared() {
    store.chunks.put(key(1), new byte[0]);
    writer.found(2);
    writer.write(7, 1, keys(1));

    assertThat(store.chunks).containsOnlyKeys(key(0));
  }
}
