package io.kvlane.agent.cache;

import io.kvlane.agent.cache.Page.Origin;
import io.kvlane.agent.cache.Page.PageId;
import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.KvEvent.AllBlocksCleared;
import io.kvlane.agent.event.KvEvent.BlockRemoved;
import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.agent.event.Medium;
import io.kvlane.agent.event.Problem;
import io.kvlane.agent.event.Problem.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one engine's cache holds, block by block. The engine's hashes only name blocks; keys are
 * computed from the token ids that the events carry. Published is a key while at least one copy of
 * its block lies on the device. Sets, not counts of events: a repeated store or remove changes
 * nothing.
 *
 * <p>Does no I/O and keeps no clock. Not thread-safe.
 */
public final class EngineCache {
  private static final Set<String> COUNTING =
      Set.of("", "full_attention", "mla_attention", "sink_full_attention");

  private CacheShape shape;

  /** Whether block and page size come from the events: the engine does not tell them. */
  private boolean learning;

  private final Map<PageId, Page> pages = new HashMap<>();
  private final Residents residents = new Residents();

  /** KV cache groups seen, and whether their blocks count for prefixes. */
  private final Map<Integer, Boolean> groups = new HashMap<>();

  private List<Problem> problems = new ArrayList<>();
  private boolean newEpoch;

  public EngineCache(CacheShape shape) {
    this.shape = shape;
    this.learning = shape.blockSize() == 0;
  }

  /** Tokens per KVLane block; 0 as long as it has not been learned. */
  public int blockSize() {
    return shape.blockSize();
  }

  /**
   * Goes on with what is now known of the engine, if all that was stored still means the same.
   *
   * @return false if it does not: the caller has to begin with another cache
   */
  public boolean adopt(CacheShape known) {
    boolean fits =
        shape.blockSize() == 0
            || known.blockSize() == 0
            || (known.blockSize() == shape.blockSize()
                && (shape.pageSize() == 0 || known.pageSize() == shape.pageSize()));
    if (!fits || !known.model().equals(shape.model())) {
      return false;
    }
    if (known.blockSize() > 0) {
      shape = known;
      learning = false;
    } else {
      shape = new CacheShape(known.model(), blockSize(), shape.pageSize(), known.maxPages());
    }
    return true;
  }

  /**
   * Applies a batch, in its order.
   *
   * @param publisher which of the engine's publishers said it; blocks of two are never the same,
   *     whatever rank they claim
   */
  public CacheUpdate apply(int publisher, EventBatch batch) {
    newEpoch = false;
    problems = new ArrayList<>();
    Origin origin = new Origin(publisher, batch.rank());
    for (var event : batch.events()) {
      switch (event) {
        case BlockStored stored -> store(origin, stored);
        case BlockRemoved removed -> remove(origin, removed);
        case AllBlocksCleared _ -> forget(origin::equals);
      }
    }
    return new CacheUpdate(newEpoch, residents.takeChanges(), problems);
  }

  /**
   * Forgets what one publisher said: its life ended, or what happened in it is not known. Blocks of
   * other publishers stay: its own then leave as removals, not by a new epoch.
   */
  public CacheUpdate forget(int publisher) {
    newEpoch = false;
    forget(origin -> origin.publisher() == publisher);
    return new CacheUpdate(newEpoch, residents.takeChanges(), List.of());
  }

  /** Forgets everything: the engine's life ended, or what happened in it is not known. */
  public void clear() {
    pages.clear();
    residents.clear();
    groups.clear();
  }

  /** The published keys, parents before children. */
  public long[] keys() {
    return residents.keys();
  }

  /** Number of published keys. */
  public int size() {
    return residents.size();
  }

  /** Number of the engine's blocks that are tracked, in whatever medium. */
  public int pages() {
    return pages.size();
  }

  private void problem(Reason reason, String detail) {
    problems.add(new Problem(reason, detail));
  }

  private void store(Origin origin, BlockStored event) {
    if (!counts(event.group(), event.kind())) {
      return;
    }
    if (event.tokens().length == 0) {
      addTier(origin, event);
      return;
    }
    if (!event.isTokenRow()) {
      problem(Reason.TOKEN_PAIRS, event.hashes().length + " blocks");
      return;
    }
    int size = event.blockSize();
    learn(size);
    if (shape.blockSize() % size != 0 || (shape.pageSize() > 0 && size != shape.pageSize())) {
      problem(Reason.BLOCK_SIZE, "blocks of " + size + " (expected: " + expectedSize() + ")");
      return;
    }
    Page previous = null;
    if (event.parent() != null) {
      previous = pages.get(PageId.of(origin, event.group(), event.parent()));
      if (event.hashes()[0] == event.parent()) {
        problem(Reason.SELF_PARENT, event.hashes().length + " blocks");
        return;
      }
      if (previous == null) {
        problem(Reason.UNKNOWN_PARENT, event.hashes().length + " blocks");
        return;
      }
    }
    storeRun(origin, event, previous);
    enforceBound();
  }

  private void storeRun(Origin origin, BlockStored event, @Nullable Page parent) {
    int size = event.blockSize();
    Page previous = parent;
    for (int i = 0; i < event.hashes().length; i++) {
      PageId id = PageId.of(origin, event.group(), event.hashes()[i]);
      int[] tokens = Arrays.copyOfRange(event.tokens(), i * size, (i + 1) * size);
      Page page;
      if (previous == null) {
        Root root = Root.of(shape, event);
        page = new Page(id, null, root.key(), tokens, root.extraKeys(), shape.blockSize());
      } else if (previous.id.equals(id)) {
        problem(Reason.SELF_PARENT, event.hashes().length - i + " blocks");
        return;
      } else {
        List<String> extras = Root.withoutLora(event, event.extraKeys(i));
        if (previous.full) {
          page = new Page(id, null, previous.key, tokens, extras, shape.blockSize());
        } else if (previous.filled + size <= shape.blockSize()) {
          page = new Page(id, previous, previous.parentKey, tokens, extras, shape.blockSize());
        } else {
          problem(Reason.BLOCK_SIZE, size + " tokens behind " + previous.filled);
          return;
        }
      }
      previous = put(page, event.medium());
    }
  }

  /** A larger block than any before shows that those were partial ones. */
  private void learn(int size) {
    if (learning && size > shape.pageSize()) {
      shape = shape.learned(size);
      if (!pages.isEmpty()) {
        pages.clear();
        residents.clear();
        newEpoch = true;
      }
    }
  }

  private String expectedSize() {
    return shape.pageSize() > 0 ? "" + shape.pageSize() : "a divisor of " + shape.blockSize();
  }

  /** Learns what a group is: removals name only its number. */
  private boolean counts(int group, @Nullable String kind) {
    if (kind == null) {
      return groups.computeIfAbsent(group, _ -> true);
    }
    boolean counting = COUNTING.contains(kind);
    Boolean before = groups.put(group, counting);
    if (!counting && Boolean.TRUE.equals(before)) {
      dropIf(page -> page.id.group() == group);
    }
    return counting;
  }

  /** Offload connectors tell only where a known block has a further copy. */
  private void addTier(Origin origin, BlockStored event) {
    int unknown = 0;
    for (long hash : event.hashes()) {
      Page page = pages.get(PageId.of(origin, event.group(), hash));
      if (page == null) {
        unknown++;
      } else {
        page.media.add(event.medium());
        refresh(page);
      }
    }
    if (unknown > 0) {
      problem(Reason.UNKNOWN_BLOCK, unknown + " blocks stored without tokens");
    }
  }

  private Page put(Page page, Medium medium) {
    Page known = pages.get(page.id);
    if (known != null && !known.sameAs(page)) {
      page.media.addAll(known.media);
      drop(known);
      known = null;
    }
    Page kept = known == null ? page : known;
    if (known == null) {
      pages.put(page.id, page);
      page.link();
    }
    kept.media.add(medium);
    refresh(kept);
    return kept;
  }

  private void remove(Origin origin, BlockRemoved event) {
    int unknown = 0;
    for (long hash : event.hashes()) {
      boolean known = false;
      // Without a group the removal may mean any: rather forget a block than claim a lost one.
      Set<Integer> candidates =
          event.group() == null ? groups.keySet() : Set.of((int) event.group());
      for (int group : candidates) {
        Page page = pages.get(PageId.of(origin, group, hash));
        if (page != null) {
          known = true;
          page.media.remove(event.medium());
          refresh(page);
          if (page.media.isEmpty()) {
            drop(page);
          }
        } else {
          known |= Boolean.FALSE.equals(groups.get(group));
        }
      }
      unknown += known ? 0 : 1;
    }
    if (unknown > 0) {
      problem(Reason.UNKNOWN_BLOCK, unknown + " blocks removed");
    }
  }

  private void forget(Predicate<Origin> condition) {
    if (pages.keySet().stream().allMatch(id -> condition.test(id.origin()))) {
      clear();
      newEpoch = true;
    } else {
      dropIf(page -> condition.test(page.id.origin()));
    }
  }

  private void drop(Page page) {
    pages.remove(page.id);
    page.media.clear();
    refresh(page);
    page.unlink();
  }

  private void dropIf(Predicate<Page> condition) {
    new HashSet<>(pages.values()).stream().filter(condition).forEach(this::drop);
  }

  private void refresh(Page page) {
    for (Page filling : page.fills) {
      boolean complete = filling.isComplete();
      if (complete && !filling.resident) {
        residents.add(filling.key, filling.parentKey);
      } else if (!complete && filling.resident) {
        residents.remove(filling.key);
      }
      filling.resident = complete;
    }
  }

  /** Copies outside the device go first: they are not published. */
  private void enforceBound() {
    if (pages.size() <= shape.maxPages()) {
      return;
    }
    dropIf(page -> !page.onDevice());
    if (pages.size() > shape.maxPages()) {
      problem(Reason.TOO_MANY_BLOCKS, pages.size() + " (expected: <= " + shape.maxPages() + ")");
      clear();
      newEpoch = true;
    }
  }
}
