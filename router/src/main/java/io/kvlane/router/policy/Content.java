package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All resources of one revision. Immutable.
 *
 * @param resources in the order of their keys
 */
public record Content(SortedMap<ResourceKey, Item> resources) {
  /** Nothing at all: what came before the first revision. */
  public static final Content EMPTY = new Content(new TreeMap<>());

  public Content {
    resources = Collections.unmodifiableSortedMap(new TreeMap<>(resources));
  }

  /**
   * A resource and its last change.
   *
   * @param json its text as it was stored
   * @param revision in which it last changed
   */
  public record Item(Resource resource, String json, long revision) {
    /** The strong ETag: another change of this resource, or another content, has another one. */
    public String etag() {
      return "\"r" + revision + '-' + Digests.sha256(json.getBytes(UTF_8)).substring(0, 16) + '"';
    }
  }

  /**
   * A change that is part of a revision.
   *
   * @param json null if the resource goes
   */
  public record Delta(ResourceKey key, @Nullable String json) {}

  public @Nullable Item get(ResourceKey key) {
    return resources.get(key);
  }

  /** The canary that is under way; null for none. */
  public @Nullable Canary canary() {
    Item item = resources.get(Canary.KEY);
    return item != null && item.resource() instanceof Canary canary ? canary : null;
  }

  /** The revision with which that began; 0 for none. */
  public long canaryBegun() {
    Item item = resources.get(Canary.KEY);
    return item == null ? 0 : item.revision();
  }

  /** The same without the resources of a kind. */
  public Content without(Kind kind) {
    var rest = new TreeMap<>(resources);
    rest.keySet().removeIf(key -> key.kind() == kind);
    return new Content(rest);
  }

  /** What leads from this content to another one, in the order of the keys. */
  List<Delta> deltasTo(Content other) {
    Set<ResourceKey> keys = new TreeSet<>(resources.keySet());
    keys.addAll(other.resources.keySet());
    List<Delta> deltas = new ArrayList<>();
    for (ResourceKey key : keys) {
      Item before = get(key);
      Item after = other.get(key);
      String json = after == null ? null : after.json();
      if (before == null || !before.json().equals(json)) {
        deltas.add(new Delta(key, json));
      }
    }
    return deltas;
  }

  /** What {@code revision} makes of this. */
  Content replay(long revision, Collection<Delta> deltas) throws InvalidResource {
    Map<ResourceKey, Item> next = new TreeMap<>(resources);
    for (Delta delta : deltas) {
      String json = delta.json();
      if (json == null) {
        next.remove(delta.key());
      } else {
        Resource resource = ResourceJson.read(delta.key().kind(), ResourceJson.parse(json));
        next.put(delta.key(), new Item(resource, json, revision));
      }
    }
    return new Content(new TreeMap<>(next));
  }
}
