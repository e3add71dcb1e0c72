package io.kvlane.agent.cache;

import io.kvlane.agent.event.Medium;
import io.kvlane.locality.prefix.Blocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One block of the engine. A KVLane block is one page, or several in a row where the engine's pages
 * are smaller; the page that fills it carries its key.
 */
final class Page {
  private static final int[] NO_TOKENS = {};

  final PageId id;
  final @Nullable Page before;
  final long parentKey;
  final int[] tokens;
  final List<String> extraKeys;
  final int filled;
  final boolean full;
  final long key;
  final Set<Medium> media = EnumSet.noneOf(Medium.class);

  /** The pages that fill a block of which this page is a part. */
  final List<Page> fills = new ArrayList<>(1);

  boolean resident;

  /**
   * Whose cache a block lies in.
   *
   * @param publisher number of the event stream that spoke of it
   * @param rank data-parallel rank that the stream named
   */
  record Origin(int publisher, int rank) {}

  /**
   * The engine's name of a block. Flat: there may be millions.
   *
   * @param publisher as in {@link Origin}
   * @param rank as in {@link Origin}
   * @param group KV cache group
   * @param hash the engine's
   */
  record PageId(int publisher, int rank, int group, long hash) {
    static PageId of(Origin origin, int group, long hash) {
      return new PageId(origin.publisher(), origin.rank(), group, hash);
    }

    Origin origin() {
      return new Origin(publisher, rank);
    }
  }

  /**
   * A page behind {@code before} in the same KVLane block, or at the beginning of one.
   *
   * @param parentKey the key of the KVLane block before
   */
  Page(
      PageId id,
      @Nullable Page before,
      long parentKey,
      int[] tokens,
      List<String> extraKeys,
      int blockSize) {
    this.id = id;
    this.before = before;
    this.parentKey = parentKey;
    this.filled = tokens.length + (before == null ? 0 : before.filled);
    this.full = filled == blockSize;
    this.key = full ? Blocks.key(parentKey, content(tokens, extraKeys)) : 0;
    // Tokens wait only until the block is full: most pages are a block, and there may be millions.
    this.tokens = full ? NO_TOKENS : tokens;
    this.extraKeys = full ? List.of() : extraKeys;
  }

  private long content(int[] ownTokens, List<String> ownExtras) {
    int[] all = new int[filled];
    List<String> extras = new ArrayList<>(ownExtras);
    int end = filled - ownTokens.length;
    System.arraycopy(ownTokens, 0, all, end, ownTokens.length);
    for (Page page = before; page != null; page = page.before) {
      end -= page.tokens.length;
      System.arraycopy(page.tokens, 0, all, end, page.tokens.length);
      extras.addAll(0, page.extraKeys);
    }
    return Blocks.tokenContent(all, 0, all.length, extras);
  }

  boolean onDevice() {
    return media.contains(Medium.DEVICE);
  }

  /** Whether this page fills a block all of which lies on the device. */
  boolean isComplete() {
    for (Page page = this; page != null; page = page.before) {
      if (!page.onDevice()) {
        return false;
      }
    }
    return full;
  }

  /** Makes the pages of the block that this page fills know of it. */
  void link() {
    if (full) {
      for (Page page = this; page != null; page = page.before) {
        page.fills.add(this);
      }
    }
  }

  void unlink() {
    for (Page page = this; page != null; page = page.before) {
      page.fills.removeAll(Collections.singleton(this));
    }
  }

  /** Whether {@code other} is the same block grown from the same pages. */
  boolean sameAs(Page other) {
    return full == other.full
        && key == other.key
        && before == other.before
        && parentKey == other.parentKey
        && extraKeys.equals(other.extraKeys)
        && Arrays.equals(tokens, other.tokens);
  }
}
