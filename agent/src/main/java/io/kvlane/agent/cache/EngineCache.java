package io.kvlane.agent.cache;

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

  private final CacheShape shape;
  private final Map<PageId, Page> pages = new HashMap<>();
  private final Residents residents = new Residents();

  /** KV cache groups seen, and whether their blocks count for prefixes. */
  private final Map<Integer, Boolean> groups = new HashMap<>();

  private List<Problem> problems = new ArrayList<>();
  private boolean newEpoch;

  public EngineCache(CacheShape shape) {
    this.shape = shape;
  }

  /** Applies a batch, in its order. */
  public CacheUpdate apply(EventBatch batch) {
    newEpoch = false;
    problems = new ArrayList<>();
    for (var event : batch.events()) {
      switch (event) {
        case BlockStored stored -> store(batch.rank(), stored);
        case BlockRemoved removed -> remove(batch.rank(), removed);
        case AllBlocksCleared _ -> clear(batch.rank());
      }
    }
    return new CacheUpdate(newEpoch, residents.takeChanges(), problems);
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

  private void store(int rank, BlockStored event) {
    if (!counts(event.group(), event.kind())) {
      return;
    }
    if (event.tokens().length == 0) {
      addTier(rank, event);
      return;
    }
    int size = event.blockSize();
    if (shape.blockSize() % size != 0 || (shape.pageSize() > 0 && size != shape.pageSize())) {
      problem(Reason.BLOCK_SIZE, "blocks of " + size + " (expected: " + expectedSize() + ")");
      return;
    }
    Page previous = null;
    if (event.parent() != null) {
      previous = pages.get(new PageId(rank, event.group(), event.parent()));
      if (event.hashes()[0] == event.parent()) {
        problem(Reason.SELF_PARENT, event.hashes().length + " blocks");
        return;
      }
      if (previous == null) {
        problem(Reason.UNKNOWN_PARENT, event.hashes().length + " blocks");
        return;
      }
    }
    storeRun(rank, event, previous);
    enforceBound();
  }

  private void storeRun(int rank, BlockStored event, @Nullable Page parent) {
    int size = event.blockSize();
    Page previous = parent;
    for (int i = 0; i < event.hashes().length; i++) {
      PageId id = new PageId(rank, event.group(), event.hashes()[i]);
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
  private void addTier(int rank, BlockStored event) {
    int unknown = 0;
    for (long hash : event.hashes()) {
      Page page = pages.get(new PageId(rank, event.group(), hash));
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

  private void remove(int rank, BlockRemoved event) {
    int unknown = 0;
    for (long hash : event.hashes()) {
      boolean known = false;
      // Without a group the removal may mean any: rather forget a block than claim a lost one.
      Set<Integer> candidates =
          event.group() == null ? groups.keySet() : Set.of((int) event.group());
      for (int group : candidates) {
        Page page = pages.get(new PageId(rank, group, hash));
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

  private void clear(int rank) {
    if (pages.keySet().stream().allMatch(id -> id.rank() == rank)) {
      clear();
      newEpoch = true;
    } else {
      dropIf(page -> page.id.rank() == rank);
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
