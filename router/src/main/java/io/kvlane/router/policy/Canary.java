package io.kvlane.router.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A revision that not all requests are served by yet; a part of that revision, and of those behind
 * it until somebody ends it. All routers know both sides: the new content, and what it was before.
 *
 * @param percent of the requests that are served by the new side, 1 to 99; 0 if regions say it
 * @param regions all of whose requests are; empty if a percentage says it
 * @param holdSeconds how long it lasts at least, 0 to 604,800
 * @param slo what must hold meanwhile
 * @param promote who makes it whole when that time is over
 * @param base the revision before
 * @param before what the revision has changed, as it was
 */
public record Canary(
    String id,
    int percent,
    List<String> regions,
    long holdSeconds,
    Slo slo,
    Promote promote,
    long base,
    List<Before> before)
    implements Resource {
  static final String ID = "canary";

  /** There is one at a time. */
  public static final ResourceKey KEY = new ResourceKey(Kind.CANARY, ID);

  /** What holds where a field is left out. */
  static final Canary DEFAULTS =
      new Canary(ID, 0, List.of(), 300, new Slo(1, 0, 0, 100), Promote.AUTO, 0, List.of());

  public Canary {
    regions = List.copyOf(regions);
    before = List.copyOf(before);
  }

  /**
   * What must hold of the requests on the new side; it goes back by itself if it does not.
   *
   * @param maxErrorRate part of them that is answered with a status of 500 or above, 0 to 1
   * @param maxTtftP95Ms 95th percentile of the time to the first byte; 0 for no bound
   * @param minHitRatio cached tokens of those of prompts, 0 to 1
   * @param minRequests before which nothing is concluded, 1 to 1,000,000
   */
  public record Slo(double maxErrorRate, long maxTtftP95Ms, double minHitRatio, int minRequests) {}

  /** How a canary that has held becomes the whole. */
  public enum Promote {
    /** By itself. */
    AUTO,
    /** Somebody says so. */
    MANUAL
  }

  /**
   * A resource as it was before.
   *
   * @param kind the plural, as in paths
   * @param revision in which it had last changed
   * @param json empty if there was none
   */
  public record Before(String kind, String id, long revision, String json) {
    ResourceKey key() throws InvalidResource {
      Kind known =
          Kind.ofCollection(kind)
              .orElseThrow(
                  () -> new InvalidResource(List.of(new FieldError("/before", "unknown kind"))));
      return new ResourceKey(known, id);
    }
  }

  /** The same plan, for these changes of a state. */
  Canary of(State state, List<Content.Delta> deltas) {
    List<Before> old = new ArrayList<>();
    for (Content.Delta delta : deltas) {
      Content.Item item = state.content().get(delta.key());
      old.add(
          new Before(
              delta.key().kind().collection(),
              delta.key().id(),
              item == null ? 0 : item.revision(),
              item == null ? "" : item.json()));
    }
    return new Canary(ID, percent, regions, holdSeconds, slo, promote, state.revision(), old);
  }

  /** What there would be without it. */
  Content without(Content content) throws InvalidResource {
    var resources = new TreeMap<>(content.resources());
    resources.remove(KEY);
    for (Before one : before) {
      ResourceKey key = one.key();
      if (one.json.isEmpty()) {
        resources.remove(key);
      } else {
        Resource resource = ResourceJson.read(key.kind(), ResourceJson.parse(one.json));
        resources.put(key, new Content.Item(resource, one.json, one.revision));
      }
    }
    return new Content(resources);
  }

  /** What undoes it. */
  List<Content.Delta> undo() throws InvalidResource {
    List<Content.Delta> deltas = new ArrayList<>();
    for (Before one : before) {
      deltas.add(new Content.Delta(one.key(), one.json.isEmpty() ? null : one.json));
    }
    deltas.add(new Content.Delta(KEY, null));
    return deltas;
  }
}
