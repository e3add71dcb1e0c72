package io.kvlane.router.policy;

import java.util.Comparator;

/** What a resource is and what it is called; ordered by kind, then by name. */
public record ResourceKey(Kind kind, String id) implements Comparable<ResourceKey> {
  private static final Comparator<ResourceKey> ORDER =
      Comparator.comparing(ResourceKey::kind).thenComparing(ResourceKey::id);

  @Override
  public int compareTo(ResourceKey other) {
    return ORDER.compare(this, other);
  }

  /** {@code policies/default}. */
  @Override
  public String toString() {
    return kind.collection() + '/' + id;
  }
}
