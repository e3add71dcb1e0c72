package io.kvlane.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.EventData;
import io.kvlane.agent.event.EventDecoder;
import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What the recordings' READMEs say an index must hold after each message")
class RecordingTest {

  private record Holds(int live, int runOfA) {}

  @Test
  void apply_vllm0180_liveHashesAndRunOfA() {
    Map<Integer, Holds> table =
        Map.of(
            0, new Holds(128, 128),
            9, new Holds(309, 128),
            16, new Holds(604, 128),
            17, new Holds(627, 60),
            18, new Holds(630, 0),
            19, new Holds(631, 0),
            20, new Holds(636, 128),
            21, new Holds(128, 128));
    follow("vllm-0.18.0", 16, table);
  }

  @Test
  void apply_vllm0320_liveHashesAndRunOfA() {
    Map<Integer, Holds> table =
        Map.of(
            0, new Holds(127, 127),
            12, new Holds(247, 127),
            17, new Holds(632, 127),
            18, new Holds(638, 23),
            19, new Holds(638, 0),
            20, new Holds(638, 127),
            21, new Holds(127, 127));
    follow("vllm-0.32.0", 32, table);
  }

  private static void follow(String recording, int blockSize, Map<Integer, Holds> table) {
    EngineCache cache = new EngineCache(CacheShape.of("tiny-llama", blockSize, blockSize, 20_480));
    Set<Long> folded = new HashSet<>();
    var messages = EventData.messages(recording);
    Chain promptA = null;
    for (int i = 0; i < messages.size(); i++) {
      EventBatch batch = EventDecoder.decode(messages.get(i).payload(), _ -> {}).orElseThrow();
      if (promptA == null && batch.events().getFirst() instanceof BlockStored stored) {
        ChainRoot root = new ChainRoot(KeySpace.TOKENS, "tiny-llama", "", "", blockSize);
        promptA = Blocks.tokens(stored.tokens(), blockSize).chain(root);
      }
      CacheUpdate update = cache.apply(0, batch);

      assertThat(update.problems()).isEmpty();
      if (update.newEpoch()) {
        folded.clear();
      }
      for (var change : update.changes()) {
        for (long key : change.keys()) {
          boolean changed =
              change instanceof DeltaFrame.Stored ? folded.add(key) : folded.remove(key);
          assertThat(changed).isTrue();
        }
      }
      assertThat(folded).hasSize(cache.size());
      Holds holds = table.get(i);
      if (holds != null) {
        assertThat(cache.size()).as("live after %d", i).isEqualTo(holds.live());
        assertThat(run(promptA, folded)).as("run of A after %d", i).isEqualTo(holds.runOfA());
      }
    }
  }

  private static int run(Chain chain, Set<Long> keys) {
    int run = 0;
    while (run < chain.length() && keys.contains(chain.key(run))) {
      run++;
    }
    return run;
  }
}
