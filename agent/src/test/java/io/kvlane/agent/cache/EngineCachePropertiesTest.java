package io.kvlane.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.KvEvent;
import io.kvlane.agent.event.KvEvent.AllBlocksCleared;
import io.kvlane.agent.event.KvEvent.BlockRemoved;
import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.agent.event.Medium;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Against a plain model: a block is a path of tokens, and its copies are a set. */
class EngineCachePropertiesTest {
  private static final int BLOCK = 2;

  /** One random step. A path of small digits names a block and everything before it. */
  record Step(int kind, int rank, Medium medium, List<Integer> path) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Medium> medium = Arbitraries.of(Medium.DEVICE, Medium.DEVICE, Medium.HOST);
    Arbitrary<List<Integer>> path = Arbitraries.integers().between(0, 2).list().ofSize(4);
    Arbitrary<Integer> kind =
        Arbitraries.frequency(Tuple.of(10, 0), Tuple.of(10, 1), Tuple.of(1, 2));
    return Combinators.combine(kind, Arbitraries.integers().between(0, 1), medium, path)
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 500)
  void keys_afterRandomStoresRemovesAndClears_areThoseOfTheModel(
      @ForAll("steps") List<Step> steps) {
    EngineCache cache = new EngineCache(new CacheShape("m", BLOCK, BLOCK, 10_000));
    Map<String, Set<Medium>> model = new HashMap<>();
    Set<Long> folded = new HashSet<>();
    for (Step step : steps) {
      CacheUpdate update =
          cache.apply(0, new EventBatch(0, step.rank(), List.of(event(step, model)), List.of()));
      if (update.newEpoch()) {
        folded.clear();
      }
      for (var change : update.changes()) {
        for (long key : change.keys()) {
          boolean news = change instanceof DeltaFrame.Stored ? folded.add(key) : folded.remove(key);
          assertThat(news).as("each change is one").isTrue();
        }
      }
      assertThat(folded).isEqualTo(expected(model));
      assertThat(cache.keys()).hasSize(folded.size());
      assertThat(cache.pages()).isEqualTo(model.size());
      assertParentsFirst(cache.keys(), model.keySet());
    }
  }

  /** Builds the event, and does to the model what it says. */
  private static KvEvent event(Step step, Map<String, Set<Medium>> model) {
    String rank = step.rank() + ":";
    switch (step.kind()) {
      case 0 -> {
        // Engines store what is missing behind the longest run that they hold.
        List<Integer> path = step.path();
        int known = 0;
        while (known < path.size() && model.containsKey(rank + path.subList(0, known + 1))) {
          known++;
        }
        int from = Math.min(known, path.size() - 1);
        List<Long> hashes = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        for (int i = from; i < path.size(); i++) {
          hashes.add(hash(path.subList(0, i + 1)));
          Collections.addAll(tokens, path.get(i), i);
          model
              .computeIfAbsent(rank + path.subList(0, i + 1), _ -> new HashSet<>())
              .add(step.medium());
        }
        return new BlockStored(
            hashes.stream().mapToLong(h -> h).toArray(),
            from == 0 ? null : hash(path.subList(0, from)),
            tokens.stream().mapToInt(t -> t).toArray(),
            new int[0],
            BLOCK,
            step.medium(),
            "",
            null,
            List.of(),
            0,
            null);
      }
      case 1 -> {
        String name = rank + step.path();
        Set<Medium> media = model.getOrDefault(name, new HashSet<>());
        media.remove(step.medium());
        if (media.isEmpty()) {
          model.remove(name);
        }
        return new BlockRemoved(new long[] {hash(step.path())}, step.medium(), null);
      }
      default -> {
        model.keySet().removeIf(name -> name.startsWith(rank));
        return new AllBlocksCleared();
      }
    }
  }

  private static long hash(List<Integer> path) {
    return path.stream().mapToLong(i -> i).reduce(17, (hash, i) -> hash * 31 + i + 1);
  }

  private static long[] chain(String name) {
    List<Integer> digits = new ArrayList<>();
    for (String digit : name.substring(3, name.length() - 1).split(", ")) {
      Collections.addAll(digits, Integer.valueOf(digit), digits.size() / 2);
    }
    int[] tokens = digits.stream().mapToInt(i -> i).toArray();
    return Blocks.tokens(tokens, BLOCK)
        .chain(new ChainRoot(KeySpace.TOKENS, "m", "", "", BLOCK))
        .keys();
  }

  private static Set<Long> expected(Map<String, Set<Medium>> model) {
    Set<Long> keys = new HashSet<>();
    model.forEach(
        (name, media) -> {
          long[] chain = chain(name);
          if (media.contains(Medium.DEVICE)) {
            keys.add(chain[chain.length - 1]);
          }
        });
    return keys;
  }

  private static void assertParentsFirst(long[] keys, Set<String> names) {
    Map<Long, Integer> place = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      place.put(keys[i], i);
    }
    for (String name : names) {
      long[] chain = chain(name);
      for (int i = 1; i < chain.length; i++) {
        Integer parent = place.get(chain[i - 1]);
        Integer child = place.get(chain[i]);
        if (parent != null && child != null) {
          assertThat(parent).isLessThan(child);
        }
      }
    }
  }
}
