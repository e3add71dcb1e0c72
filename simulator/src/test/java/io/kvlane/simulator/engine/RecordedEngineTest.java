package io.kvlane.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The requests of a recorded vLLM run, put to the simulated engine, give the recorded events:
 * message by message, kind, order, number of hashes, tokens and parents, and in removals the same
 * blocks.
 */
class RecordedEngineTest {
  private static final int ABORTED_PROMPT = 66;

  @ParameterizedTest
  @CsvSource({"vllm-0.18.0, 16, IN_LINE", "vllm-0.32.0, 32, FIRST"})
  void scheduler_requestsOfARecording_givesTheRecordedEvents(
      String version, int blockSize, BlockPool.EmptyBlocks emptyBlocks) throws IOException {
    Path folder = Path.of(System.getProperty("kvlane.shared", "")).resolve("data/kv-events");
    Assumptions.assumeTrue(
        Files.isDirectory(folder.resolve(version)), "no recordings at " + folder + ": skipped");
    Recording recording = Recording.read(folder.resolve(version));
    Run run = new Run(recording, blockSize, emptyBlocks);

    for (JsonNode step : recording.steps()) {
      run.play(step);
    }

    assertThat(run.messages).as("messages compared").isEqualTo(recording.messages().size());
    assertThat(run.liveAndRunOfA)
        .as("live hashes and run of A after a message, as the recording's README says")
        .containsAllEntriesOf(
            blockSize == 16
                ? Map.of(
                    0, "128 128", 9, "309 128", 16, "604 128", 17, "627 60", 18, "630 0", 19,
                    "631 0", 20, "636 128", 21, "128 128")
                : Map.of(
                    0, "127 127", 12, "247 127", 17, "632 127", 18, "638 23", 19, "638 0", 20,
                    "638 127", 21, "127 127"));
  }

  /** One engine of 639 usable blocks, as the recorded ones had. */
  private static final class Run {
    private final Recording recording;
    private final int blockSize;
    private final BlockPool pool;
    private final Scheduler scheduler;
    private final Map<String, List<Sequence>> asked = new HashMap<>();
    private final Map<String, int[]> prompts = new HashMap<>();
    private final Map<Long, int[]> prefixes = new HashMap<>();
    private final Map<Long, Long> recordedOf = new LinkedHashMap<>();
    private final Map<Integer, String> liveAndRunOfA = new TreeMap<>();
    private List<Long> blocksOfA = List.of();
    private int messages;

    Run(Recording recording, int blockSize, BlockPool.EmptyBlocks emptyBlocks) {
      this.recording = recording;
      this.blockSize = blockSize;
      pool = new BlockPool(639, emptyBlocks);
      scheduler = new Scheduler(new SchedulerLimits(blockSize, 16, 8192, 7), pool);
      for (List<Recording.Event> message : recording.messages()) {
        message.stream().filter(e -> e.type().equals("BlockStored")).forEach(this::learnPrefixes);
      }
    }

    /** Remembers what all tokens up to a recorded hash are. */
    private void learnPrefixes(Recording.Event event) {
      int[] before = event.parent() == 0 ? new int[0] : prefixes.get(event.parent());
      for (int i = 0; i < event.hashes().size(); i++) {
        int[] prefix = Arrays.copyOf(before, before.length + (i + 1) * blockSize);
        System.arraycopy(event.tokens(), 0, prefix, before.length, (i + 1) * blockSize);
        prefixes.put(event.hashes().get(i), prefix);
      }
    }

    void play(JsonNode step) {
      String name = step.path("step").asText();
      String key = name.replaceFirst(" .*", "");
      List<List<Recording.Event>> expected = messagesOf(step);
      if (name.contains("reset_prefix_cache")) {
        assertThat(scheduler.reset()).isTrue();
        return;
      }
      JsonNode result = step.path("result");
      List<JsonNode> results = new ArrayList<>();
      (result.isArray() ? result : List.of(result)).forEach(results::add);
      List<Sequence> sequences = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        sequences.add(sequence(key, results.get(i), expected, i));
      }
      // How many requests the recorded engine found in its queue at first.
      int first = expected.isEmpty() ? 1 : stores(expected.getFirst());
      sequences.subList(0, first).forEach(scheduler::submit);
      List<List<CacheEvent>> batches = new ArrayList<>();
      Step next = scheduler.begin();
      sequences.subList(first, sequences.size()).forEach(scheduler::submit);
      while (next != null) {
        if (!next.events().isEmpty()) {
          batches.add(next.events());
        }
        scheduler.end(next);
        if (result.has("aborted_after")
            && sequences.getFirst().generatedTokens() == result.path("aborted_after").asInt()) {
          scheduler.abort(sequences.getFirst());
        }
        next = scheduler.begin();
      }
      assertThat(batches).as(name + ": messages").hasSameSizeAs(expected);
      for (int i = 0; i < batches.size(); i++) {
        compare(name, batches.get(i), expected.get(i));
      }
      assertThat(pool.cached()).as(name + ": blocks cached").isEqualTo(recordedOf.size());
      for (int i = 0; i < results.size(); i++) {
        if (results.get(i).has("usage")) {
          assertThat(sequences.get(i).cachedTokens())
              .as(name + ": cached tokens")
              .isEqualTo(
                  results
                      .get(i)
                      .path("usage")
                      .path("prompt_tokens_details")
                      .path("cached_tokens")
                      .asInt());
        }
      }
      asked.put(key, sequences);
    }

    private Sequence sequence(
        String key, JsonNode result, List<List<Recording.Event>> expected, int index) {
      int length = result.path("usage").path("prompt_tokens").asInt(ABORTED_PROMPT);
      int generate = result.path("usage").path("completion_tokens").asInt(3000);
      String again = Map.of("03", "02", "09", "08", "15", "02").get(key);
      String salt = key.equals("08") || key.equals("09") ? "tenant-7" : "";
      int[] known = known(expected, index);
      int[] prompt = again == null ? prompt(known, length) : prompts.get(again);
      prompts.putIfAbsent(key, prompt);
      return new Sequence(
          prompt,
          generate,
          new CacheRoot("", salt),
          i -> length + i < known.length ? known[length + i] : 1);
    }

    /** All tokens of a step's i-th request that its stored blocks tell. */
    private int[] known(List<List<Recording.Event>> expected, int index) {
      List<Recording.Event> stores =
          expected.stream()
              .flatMap(List::stream)
              .filter(e -> e.type().equals("BlockStored"))
              .toList();
      if (stores.isEmpty()) {
        return new int[0];
      }
      boolean several = stores.stream().filter(e -> e.parent() == 0).count() > 1;
      return prefixes.get((several ? stores.get(index) : stores.getLast()).hashes().getLast());
    }

    /** The known tokens, and behind the last full block any others. */
    private static int[] prompt(int[] known, int length) {
      int[] prompt = Arrays.copyOf(known, length);
      Arrays.fill(prompt, Math.min(known.length, length), length, 3);
      return prompt;
    }

    private List<List<Recording.Event>> messagesOf(JsonNode step) {
      String range = step.path("messages").asText();
      return range.equals("none")
          ? List.of()
          : recording
              .messages()
              .subList(
                  Integer.parseInt(range.substring(0, 4)),
                  Integer.parseInt(range.substring(6, 10)) + 1);
    }

    private static int stores(List<Recording.Event> message) {
      return (int) message.stream().filter(e -> e.type().equals("BlockStored")).count();
    }

    private void compare(String name, List<CacheEvent> ours, List<Recording.Event> theirs) {
      assertThat(ours).as(name + ": events").hasSameSizeAs(theirs);
      for (int i = 0; i < ours.size(); i++) {
        Recording.Event recorded = theirs.get(i);
        switch (ours.get(i)) {
          case CacheEvent.Stored stored -> {
            assertThat(recorded.type()).isEqualTo("BlockStored");
            assertThat(stored.tokens()).as(name + ": tokens").isEqualTo(recorded.tokens());
            assertThat(stored.parent() == null ? 0L : recordedOf.get(stored.parent()))
                .as(name + ": parent")
                .isEqualTo(recorded.parent());
            String salt = stored.parent() == null ? stored.root().salt() : "";
            assertThat(salt).isEqualTo(recorded.salt());
            assertThat(stored.hashes()).hasSameSizeAs(recorded.hashes());
            for (int j = 0; j < stored.hashes().length; j++) {
              recordedOf.put(stored.hashes()[j], recorded.hashes().get(j));
            }
            if (messages == 0) {
              blocksOfA = recorded.hashes();
            }
          }
          case CacheEvent.Removed removed -> {
            assertThat(recorded.type()).isEqualTo("BlockRemoved");
            assertThat(List.of(recordedOf.remove(removed.hash())))
                .as(name + ": removed block")
                .isEqualTo(recorded.hashes());
          }
          case CacheEvent.Cleared() -> {
            assertThat(recorded.type()).isEqualTo("AllBlocksCleared");
            recordedOf.clear();
          }
        }
      }
      int run = 0;
      while (run < blocksOfA.size() && recordedOf.containsValue(blocksOfA.get(run))) {
        run++;
      }
      liveAndRunOfA.put(messages++, recordedOf.size() + " " + run);
    }
  }
}
