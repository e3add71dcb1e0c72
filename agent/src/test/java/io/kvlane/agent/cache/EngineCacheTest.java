package io.kvlane.agent.cache;

import static io.kvlane.agent.event.Payloads.array;
import static io.kvlane.agent.event.Payloads.batchOfRank;
import static io.kvlane.agent.event.Payloads.removed;
import static io.kvlane.agent.event.Payloads.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.EventDecoder;
import io.kvlane.agent.event.Problem;
import io.kvlane.agent.event.Problem.Reason;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineCacheTest {
  private static final int BLOCK = 4;

  private EngineCache cache = new EngineCache(new CacheShape("m", BLOCK, BLOCK, 1_000));

  private CacheUpdate apply(Object... events) {
    return applyOfRank(0, events);
  }

  private CacheUpdate applyOfRank(int rank, Object... events) {
    return cache.apply(0, EventDecoder.decode(batchOfRank(rank, events), _ -> {}).orElseThrow());
  }

  private static List<Reason> reasons(CacheUpdate update) {
    return update.problems().stream().map(Problem::reason).toList();
  }

  /** The keys of the prompt {@code firstToken, firstToken + 1, ...}. */
  private static long[] keys(int firstToken, int blocks, int blockSize, String lora, String salt) {
    int[] tokens = IntStream.range(firstToken, firstToken + blocks * blockSize).toArray();
    ChainRoot root = new ChainRoot(KeySpace.TOKENS, "m", lora, salt, blockSize);
    return Blocks.tokens(tokens, blockSize).chain(root).keys();
  }

  private static long[] keys(int firstToken, int blocks) {
    return keys(firstToken, blocks, BLOCK, "", "");
  }

  private static List<Object> storedWith(String medium, Object lora, Object extraKeys) {
    return array(
        "BlockStored",
        List.of(1L, 2L),
        null,
        List.of(1, 2, 3, 4, 5, 6, 7, 8),
        BLOCK,
        null,
        medium,
        lora,
        extraKeys);
  }

  @Test
  void stored_newChain_hasTheKeysOfItsTokens() {
    CacheUpdate update = apply(stored(List.of(11L, 12L, 13L), null, 1, BLOCK));

    assertThat(cache.keys()).containsExactly(keys(1, 3));
    assertThat(update.changes()).singleElement().isInstanceOf(DeltaFrame.Stored.class);
  }

  @Test
  void stored_behindKnownParent_continuesItsChain() {
    apply(stored(List.of(11L), null, 1, BLOCK));
    apply(stored(List.of(12L, 13L), 11L, 5, BLOCK));

    assertThat(cache.keys()).containsExactly(keys(1, 3));
  }

  @Test
  void stored_unknownParent_isSkippedAndCounted() {
    CacheUpdate update = apply(stored(List.of(12L), 11L, 5, BLOCK));

    assertThat(cache.size()).isZero();
    assertThat(reasons(update)).containsExactly(Reason.UNKNOWN_PARENT);
  }

  @Test
  void stored_ownParent_isSkippedAndCounted() {
    apply(stored(List.of(11L), null, 1, BLOCK));
    CacheUpdate update = apply(stored(List.of(11L), 11L, 5, BLOCK));

    assertThat(cache.keys()).containsExactly(keys(1, 1));
    assertThat(reasons(update)).containsExactly(Reason.SELF_PARENT);
  }

  @Test
  void storedTwiceRemovedOnce_isGone() {
    apply(stored(List.of(11L), null, 1, BLOCK), stored(List.of(11L), null, 1, BLOCK));
    CacheUpdate update = apply(removed(11L), removed(11L));

    assertThat(cache.size()).isZero();
    assertThat(cache.pages()).isZero();
    assertThat(update.changes()).singleElement().isInstanceOf(DeltaFrame.Removed.class);
    assertThat(reasons(update)).containsExactly(Reason.UNKNOWN_BLOCK);
  }

  @Test
  void sameBlockOnTwoRanks_leavesWithTheLastCopy() {
    applyOfRank(0, stored(List.of(11L), null, 1, BLOCK));
    assertThat(applyOfRank(1, stored(List.of(11L), null, 1, BLOCK)).changes()).isEmpty();
    assertThat(applyOfRank(0, removed(11L)).changes()).isEmpty();
    assertThat(applyOfRank(1, removed(11L)).changes()).hasSize(1);
  }

  @Test
  void clear_oneRankOfTwo_keepsTheOther() {
    applyOfRank(0, stored(List.of(11L), null, 1, BLOCK));
    applyOfRank(1, stored(List.of(21L), null, 50, BLOCK));
    CacheUpdate update = applyOfRank(0, array("AllBlocksCleared"));

    assertThat(update.newEpoch()).isFalse();
    assertThat(cache.keys()).containsExactly(keys(50, 1));
  }

  @Test
  void clear_onlyRank_isANewEpochThatHoldsWhatFollows() {
    apply(stored(List.of(11L), null, 1, BLOCK));
    CacheUpdate update =
        apply(
            stored(List.of(12L), 11L, 5, BLOCK),
            array("AllBlocksCleared"),
            stored(List.of(21L), null, 50, BLOCK));

    assertThat(update.newEpoch()).isTrue();
    assertThat(update.changes()).singleElement();
    assertThat(update.changes().getFirst().keys()).containsExactly(keys(50, 1));
  }

  @Test
  void salt_aloneInExtraKeys_rootsTheChain() {
    apply(storedWith("GPU", null, array(List.of("tenant-7"), null)));

    assertThat(cache.keys()).containsExactly(keys(1, 2, BLOCK, "", "tenant-7"));
  }

  @Test
  void saltAndLora_theAdapterIsNoSalt() {
    Object extraKeys = List.of(List.of("adapter-a", "tenant-7"), List.of("adapter-a"));
    apply(storedWith("GPU", "adapter-a", extraKeys));

    assertThat(cache.keys()).containsExactly(keys(1, 2, BLOCK, "adapter-a", "tenant-7"));
  }

  @Test
  void severalExtraKeys_matchNoPlainOrSaltedPrompt() {
    apply(storedWith("GPU", null, array(List.of("image-1", "tenant-7"), null)));

    assertThat(cache.keys())
        .doesNotContain(keys(1, 1))
        .doesNotContain(keys(1, 1, BLOCK, "", "tenant-7"))
        .hasSize(2);
  }

  @Test
  void extraKeyInALaterBlock_changesThatBlockAndItsDescendants() {
    apply(storedWith("GPU", null, array(null, List.of("image-1"))));

    assertThat(cache.keys()[0]).isEqualTo(keys(1, 1)[0]);
    assertThat(cache.keys()[1]).isNotEqualTo(keys(1, 2)[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CPU", "DISK", "SHARED", "HOLOGRAM"})
  void otherMedia_areTrackedButNotPublished(String medium) {
    CacheUpdate update = apply(storedWith(medium, null, null));

    assertThat(update.changes()).isEmpty();
    assertThat(cache.pages()).isEqualTo(2);
  }

  @Test
  void copyOnHost_outlivesTheDeviceUnpublished() {
    apply(storedWith("GPU", null, null));
    // An offload connector: no tokens, block size 0.
    apply(array("BlockStored", List.of(1L), null, List.of(), 0, null, "CPU"));
    apply(array("BlockRemoved", List.of(1L, 2L), "GPU"));

    assertThat(cache.size()).isZero();
    assertThat(cache.pages()).isEqualTo(1);
    apply(array("BlockStored", List.of(1L), null, List.of(), 0, null, "GPU"));
    assertThat(cache.keys()).containsExactly(keys(1, 1));
  }

  @Test
  void tierOfUnknownBlock_isCounted() {
    CacheUpdate update = apply(array("BlockStored", List.of(9L), null, List.of(), 0, null, "GPU"));

    assertThat(reasons(update)).containsExactly(Reason.UNKNOWN_BLOCK);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void blockSizeNotTheEngines_isNeverIndexed(int size) {
    CacheUpdate update = apply(stored(List.of(11L), null, 1, size));

    assertThat(cache.pages()).isZero();
    assertThat(reasons(update)).containsExactly(Reason.BLOCK_SIZE);
  }

  @Test
  void slidingWindowGroup_doesNotCount() {
    List<Object> window = storedWith("GPU", null, null);
    window.add(1);
    window.add("sliding_window");
    apply(window);
    List<Object> full = storedWith("GPU", null, null);
    full.add(0);
    full.add("full_attention");
    apply(full);

    assertThat(apply(array("BlockRemoved", List.of(1L, 2L), "GPU", 1)).changes()).isEmpty();
    assertThat(cache.size()).isEqualTo(2);
    apply(array("BlockRemoved", List.of(1L, 2L), "GPU", 0));
    assertThat(cache.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void pagesOfSglang_accumulateToABlock(int page) {
    cache = new EngineCache(new CacheShape("m", 8, page, 1_000));
    int pages = 24 / page;
    for (int i = 0; i < pages - 1; i++) {
      apply(stored(List.of(100L + i), i == 0 ? null : 99L + i, 1 + i * page, page));
    }
    assertThat(cache.keys()).containsExactly(keys(1, 2, 8, "", ""));

    apply(stored(List.of(100L + pages - 1), 98L + pages, 1 + (pages - 1) * page, page));
    assertThat(cache.keys()).containsExactly(keys(1, 3, 8, "", ""));
  }

  @Test
  void pageInsideABlockRemoved_takesTheBlockWithIt() {
    cache = new EngineCache(new CacheShape("m", 8, 2, 1_000));
    apply(stored(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), null, 1, 2));
    assertThat(cache.size()).isEqualTo(2);

    apply(removed(6L));
    assertThat(cache.keys()).containsExactly(keys(1, 1, 8, "", ""));
    apply(stored(List.of(6L), 5L, 11, 2), stored(List.of(7L, 8L), 6L, 13, 2));
    assertThat(cache.keys()).containsExactly(keys(1, 2, 8, "", ""));
  }

  @Test
  void pagesThatBranchInsideABlock_makeTwoBlocks() {
    cache = new EngineCache(new CacheShape("m", 4, 2, 1_000));
    apply(stored(List.of(1L, 2L), null, 1, 2), stored(List.of(3L), 1L, 3_000, 2));
    assertThat(cache.size()).isEqualTo(2);

    apply(removed(1L));
    assertThat(cache.size()).isZero();
  }

  @Test
  void tooManyBlocks_isANewEpoch() {
    cache = new EngineCache(new CacheShape("m", 1, 1, 10));
    List<Long> hashes = Stream.iterate(1L, h -> h + 1).limit(11).toList();
    CacheUpdate update = apply(stored(hashes, null, 1, 1));

    assertThat(update.newEpoch()).isTrue();
    assertThat(update.changes()).isEmpty();
    assertThat(cache.pages()).isZero();
    assertThat(reasons(update)).containsExactly(Reason.TOO_MANY_BLOCKS);
  }

  @Test
  void tooManyBlocks_copiesOutsideTheDeviceGoFirst() {
    cache = new EngineCache(new CacheShape("m", 1, 1, 10));
    apply(array("BlockStored", List.of(1L, 2L, 3L), null, List.of(1, 2, 3), 1, null, "CPU"));
    List<Long> hashes = Stream.iterate(11L, h -> h + 1).limit(8).toList();
    CacheUpdate update = apply(stored(hashes, null, 50, 1));

    assertThat(update.newEpoch()).isFalse();
    assertThat(cache.size()).isEqualTo(8);
  }

  @Test
  void forget_onePublisherOfTwo_takesBackItsBlocksAlone() {
    cache.apply(
        0, batch(stored(List.of(11L), null, 1, BLOCK), stored(List.of(12L), null, 9, BLOCK)));
    // The same hash and rank from another publisher is another block.
    cache.apply(
        1, batch(stored(List.of(11L), null, 1, BLOCK), stored(List.of(21L), null, 50, BLOCK)));
    CacheUpdate update = cache.forget(0);

    assertThat(update.newEpoch()).isFalse();
    assertThat(update.changes()).singleElement().isInstanceOf(DeltaFrame.Removed.class);
    assertThat(update.changes().getFirst().keys()).containsExactly(keys(9, 1));
    assertThat(cache.keys()).containsExactlyInAnyOrder(keys(1, 1)[0], keys(50, 1)[0]);
  }

  @Test
  void forget_theOnlyPublisher_isANewEpoch() {
    apply(stored(List.of(11L), null, 1, BLOCK));
    CacheUpdate update = cache.forget(0);

    assertThat(update.newEpoch()).isTrue();
    assertThat(update.changes()).isEmpty();
    assertThat(cache.pages()).isZero();
  }

  private static EventBatch batch(Object... events) {
    return EventDecoder.decode(batchOfRank(0, events), _ -> {}).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"16,16", "64,64", "1,16", "6,18", "32,32"})
  void learnedSize_isThePageOrSomePages(int page, int block) {
    cache = new EngineCache(CacheShape.of("m", 0, 0, 0));
    List<Long> hashes = Stream.iterate(1L, h -> h + 1).limit(2L * block / page).toList();
    CacheUpdate update = apply(stored(hashes, null, 1, page));

    assertThat(update.problems()).isEmpty();
    assertThat(cache.blockSize()).isEqualTo(block);
    assertThat(cache.keys()).containsExactly(keys(1, 2, block, "", ""));
  }

  @Test
  void learnedSize_ofAPartialBlock_isCorrectedByTheFirstWholeOne() {
    cache = new EngineCache(CacheShape.of("m", 0, 0, 0));
    apply(stored(List.of(1L), null, 1, 5));
    CacheUpdate update = apply(stored(List.of(2L), null, 1, 16));

    assertThat(cache.keys()).containsExactly(keys(1, 1, 16, "", ""));
    assertThat(update.problems()).isEmpty();
    assertThat(reasons(apply(stored(List.of(3L), 2L, 17, 5)))).containsExactly(Reason.BLOCK_SIZE);
  }

  @Test
  void adopt_whatWasLearned_keepsTheBlocks() {
    cache = new EngineCache(CacheShape.of("m", 0, 0, 0));
    apply(stored(List.of(1L), null, 1, 16));

    assertThat(cache.adopt(CacheShape.of("m", 16, 16, 1_000))).isTrue();
    assertThat(cache.keys()).containsExactly(keys(1, 1, 16, "", ""));
    assertThat(cache.adopt(CacheShape.of("m", 32, 32, 1_000))).isFalse();
    assertThat(cache.adopt(CacheShape.of("n", 16, 16, 1_000))).isFalse();
  }

  @Test
  void eaglePairs_matchThePlainChainOfTheirTokens() {
    Object pairs = List.of(List.of(1, 2), List.of(2, 3), List.of(3, 4), List.of(4, 5));
    apply(array("BlockStored", List.of(1L), null, pairs, BLOCK, null));

    assertThat(cache.keys()).containsExactly(keys(1, 1));
  }

  @Test
  void eaglePairs_thatDoNotOverlap_areNoPrompt() {
    Object pairs = List.of(List.of(1, 2), List.of(3, 4), List.of(5, 6), List.of(7, 8));
    CacheUpdate update = apply(array("BlockStored", List.of(1L), null, pairs, BLOCK, null));

    assertThat(cache.pages()).isZero();
    assertThat(reasons(update)).containsExactly(Reason.TOKEN_PAIRS);
  }
}
