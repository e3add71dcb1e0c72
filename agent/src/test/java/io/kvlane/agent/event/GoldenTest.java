package io.kvlane.agent.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.KvEvent.AllBlocksCleared;
import io.kvlane.agent.event.KvEvent.BlockRemoved;
import io.kvlane.agent.event.KvEvent.BlockStored;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Golden payloads and recordings decode")
class GoldenTest {

  private static EventBatch decode(byte[] payload) {
    EventBatch batch = EventDecoder.decode(payload, _ -> {}).orElseThrow();
    assertThat(batch.problems()).isEmpty();
    return batch;
  }

  @ParameterizedTest
  @CsvSource({
    "vllm-array-no-rank, 0, false, ",
    "vllm-array-groups, 1, true, ",
    "vllm-map, 1, true, full_attention",
    "vllm-batch-as-map, 1, true, ",
    "sglang-array, 1, false, ",
  })
  void decode_goldenOfVllmAndSglang_sameEvents(String name, int rank, boolean salted, String kind) {
    EventBatch batch = decode(EventData.golden(name));

    assertThat(batch.ts()).isEqualTo(1.5);
    assertThat(batch.rank()).isEqualTo(rank);
    assertThat(batch.events()).hasSize(3);
    BlockStored stored = (BlockStored) batch.events().get(0);
    assertThat(stored.hashes()).containsExactly(-2, 7);
    assertThat(stored.parent()).isNull();
    assertThat(stored.tokens()).containsExactly(1, 2, 3, 4, 5, 6, 7, 150_000);
    assertThat(stored.blockSize()).isEqualTo(4);
    assertThat(stored.medium()).isEqualTo(Medium.DEVICE);
    assertThat(stored.lora()).isEmpty();
    assertThat(stored.extraKeys(0)).isEqualTo(salted ? List.of("tenant-a") : List.of());
    assertThat(stored.extraKeys(1)).isEmpty();
    assertThat(stored.kind()).isEqualTo(kind);
    BlockRemoved removed = (BlockRemoved) batch.events().get(1);
    assertThat(removed.hashes()).containsExactly(7);
    assertThat(removed.group()).isNull();
    assertThat(batch.events().get(2)).isEqualTo(new AllBlocksCleared());
  }

  @Test
  void decode_hashOf32Bytes_itsLast8BytesCount() {
    EventBatch batch = decode(EventData.golden("vllm-map-hash-32-bytes"));

    assertThat(((BlockRemoved) batch.events().getFirst()).hashes())
        .containsExactly(1736447835066146335L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sglang-array-salted", "sglang-map"})
  void decode_saltOfSglang_isNamed(String name) {
    EventBatch batch = decode(EventData.golden(name));

    BlockStored stored = (BlockStored) batch.events().getFirst();
    assertThat(stored.cacheSalt()).isEqualTo("tenant-a");
    assertThat(stored.lora()).isEmpty();
    assertThat(stored.hashes()[0]).isEqualTo(-2);
  }

  @Test
  void decode_eaglePairs_keepsBothTokens() {
    EventBatch batch = decode(EventData.golden("sglang-eagle-pairs"));

    BlockStored stored = (BlockStored) batch.events().getFirst();
    assertThat(stored.tokens()).containsExactly(1, 2, 3, 4);
    assertThat(stored.seconds()).containsExactly(2, 3, 4, 5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vllm-0.18.0",
        "vllm-0.32.0",
        "vllm-0.18.0/replay-from-3",
        "vllm-0.32.0/replay-from-19"
      })
  void decode_recording_sameAsItsIndex(String recording) {
    var index = EventData.index(recording);
    var messages = EventData.messages(recording);

    assertThat(messages).hasSameSizeAs(index);
    for (int i = 0; i < messages.size(); i++) {
      EventMessage message = messages.get(i);
      assertThat(message.sequence()).isEqualTo(index.get(i).path("seq").asLong());
      if (message.isEnd()) {
        assertThat(i).isEqualTo(messages.size() - 1);
        continue;
      }
      var expected = index.get(i).path("events");
      var events = decode(message.payload()).events();
      assertThat(events).hasSize(expected.size());
      for (int e = 0; e < events.size(); e++) {
        assertThat(events.get(e).getClass().getSimpleName())
            .isEqualTo(expected.path(e).path(0).asText());
        assertThat(hashes(events.get(e))).isEqualTo(expected.path(e).path(1).asInt());
      }
    }
  }

  private static int hashes(KvEvent event) {
    return switch (event) {
      case BlockStored stored -> stored.hashes().length;
      case BlockRemoved removed -> removed.hashes().length;
      case AllBlocksCleared _ -> 0;
    };
  }
}
