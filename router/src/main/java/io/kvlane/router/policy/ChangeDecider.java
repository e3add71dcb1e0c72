package io.kvlane.router.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about writes: from a state and changes to deltas, or to a refusal. No I/O, no clock;
 * immutable. The split between deciding and replaying is that of Kafka's controllers (KIP-500).
 */
public final class ChangeDecider {
  private final Validator validator;

  public ChangeDecider(Validator validator) {
    this.validator = validator;
  }

  /**
   * Several changes, all or nothing (ADM-4).
   *
   * @param places where each change stands in the request, as JSON pointers, for error messages
   * @throws Refused for the first precondition that does not hold, or with all contradictions
   */
  public Decided decide(
      State state, List<? extends Change> changes, List<String> places, String description)
      throws Refused {
    return decide(state, changes, places, description, null);
  }

  /**
   * The same for some of the requests first.
   *
   * @param plan without base and what was before; null for all requests at once
   */
  public Decided decide(
      State state,
      List<? extends Change> changes,
      List<String> places,
      String description,
      @Nullable Canary plan)
      throws Refused {
    // Keys are on neither side of a canary, and one that has leaked must go at once.
    if (plan != null || changes.stream().anyMatch(change -> change.key().kind() != Kind.KEY)) {
      requireNoCanary(state);
    }
    Set<ResourceKey> seen = new HashSet<>();
    for (int i = 0; i < changes.size(); i++) {
      if (!seen.add(changes.get(i).key())) {
        throw Refused.invalid(
            "The request contradicts itself.",
            List.of(new FieldError(places.get(i), changes.get(i).key() + " is changed twice")));
      }
      check(state, changes.get(i), places.get(i));
    }
    List<Content.Delta> deltas = new ArrayList<>();
    List<FieldError> errors = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      try {
        Content.Delta delta = delta(state, changes.get(i));
        if (delta != null) {
          deltas.add(delta);
        }
      } catch (InvalidResource e) {
        for (FieldError error : e.errors()) {
          errors.add(error.under(places.get(i)));
        }
      }
    }
    if (!errors.isEmpty()) {
      throw Refused.invalid("The resource is not valid.", errors);
    }
    List<ResourceKey> keys = new ArrayList<>(changes.stream().map(Change::key).toList());
    List<String> known = new ArrayList<>(places);
    if (plan != null && !deltas.isEmpty()) {
      Canary canary = plan.of(state, deltas);
      deltas.add(new Content.Delta(Canary.KEY, ResourceJson.text(canary)));
      keys.add(Canary.KEY);
      known.add("/rollout");
    }
    return decided(state, deltas, keys, known, description);
  }

  private static void requireNoCanary(State state) throws Refused {
    if (state.content().canary() != null) {
      throw Refused.because(
          Refused.Reason.ROLLOUT,
          "The canary of revision "
              + state.content().canaryBegun()
              + " is under way: promote it or roll it back first.");
    }
  }

  /**
   * Ends a canary, as a new revision.
   *
   * @param begun the revision with which it began
   * @param promote whether all requests are served by it from now on, or none
   */
  public Decided end(State state, long begun, boolean promote, String description) throws Refused {
    Canary canary = state.content().canary();
    if (canary == null || state.content().canaryBegun() != begun) {
      throw Refused.because(
          Refused.Reason.ROLLOUT, "No canary of revision " + begun + " is under way.");
    }
    try {
      List<Content.Delta> deltas =
          promote ? List.of(new Content.Delta(Canary.KEY, null)) : canary.undo();
      return decided(state, deltas, List.of(), List.of(), description);
    } catch (InvalidResource e) {
      throw Refused.invalid("The canary cannot be undone.", e.errors());
    }
  }

  /**
   * Back to what an older revision held, as a new revision (ADM-6). Keys stay as they are: none
   * that was revoked opens again, none that was made since is lost.
   */
  public Decided rollback(State state, State old, Precondition precondition, String description)
      throws Refused {
    requireNoCanary(state);
    require(precondition, state.revision() == 0 ? null : state.etag(), "the revisions", "");
    List<Content.Delta> deltas = state.content().deltasTo(old.content());
    // What a canary brought comes back as a whole.
    deltas.removeIf(d -> d.key().kind() == Kind.KEY || d.key().kind() == Kind.CANARY);
    return decided(state, deltas, List.of(), List.of(), description);
  }

  private Decided decided(
      State state,
      List<Content.Delta> deltas,
      List<ResourceKey> keys,
      List<String> places,
      String description)
      throws Refused {
    Content next;
    try {
      next = state.content().replay(state.revision() + 1, deltas);
    } catch (InvalidResource e) {
      throw Refused.invalid("The resource is not valid.", e.errors());
    }
    List<FieldError> errors = new ArrayList<>();
    for (Validator.Finding finding : validator.check(next)) {
      int i = keys.indexOf(finding.key());
      FieldError error = finding.error();
      errors.add(
          i >= 0
              ? error.under(places.get(i))
              : new FieldError("", finding.key() + error.path() + ": " + error.message()));
    }
    if (!errors.isEmpty()) {
      throw Refused.invalid("The result would contradict itself.", errors);
    }
    return new Decided(description, deltas, next, Diff.between(state.content(), next));
  }

  private static void check(State state, Change change, String place) throws Refused {
    Content.Item item = state.content().get(change.key());
    boolean mustExist = change instanceof Change.Patch || change instanceof Change.Delete;
    if (item == null && mustExist && !(change.precondition() instanceof Precondition.None)) {
      throw Refused.because(
          Refused.Reason.NOT_FOUND,
          "There is no " + change.key() + '.',
          new FieldError(place, "not found"));
    }
    require(change.precondition(), item == null ? null : item.etag(), "" + change.key(), place);
  }

  private static void require(
      Precondition precondition, @Nullable String etag, String what, String place) throws Refused {
    switch (precondition) {
      case Precondition.None _ ->
          throw Refused.because(
              Refused.Reason.PRECONDITION_REQUIRED,
              "Say with If-Match which version of " + what + " you know, or that there is none.",
              new FieldError(place, "no precondition"));
      case Precondition.Absent _ when etag != null ->
          throw Refused.stale(
              "There is one of " + what + " already.", etag, new FieldError(place, "exists"));
      case Precondition.Matches matches when etag == null || !matches.etags().contains(etag) ->
          throw Refused.stale(
              "Somebody has changed " + what + " since: read it again, then write.",
              etag,
              new FieldError(place, "stale"));
      case Precondition.Absent _, Precondition.Matches _ -> {}
    }
  }

  /** What the change makes of the resource, null if it is as it was. */
  private static Content.@Nullable Delta delta(State state, Change change) throws InvalidResource {
    Content.Item item = state.content().get(change.key());
    Resource wanted =
        switch (change) {
          case Change.Put put -> read(put.key(), put.document(), item);
          case Change.Patch patch ->
              read(
                  patch.key(),
                  ResourceJson.patched(Objects.requireNonNull(item).resource(), patch.patch()),
                  item);
          case Change.Made made -> made.resource();
          case Change.Delete _ -> null;
        };
    if (wanted == null) {
      return new Content.Delta(change.key(), null);
    }
    List<FieldError> unheeded = Unheeded.of(wanted);
    if (!unheeded.isEmpty()) {
      throw new InvalidResource(unheeded);
    }
    String json = ResourceJson.text(wanted);
    return item != null && item.json().equals(json) ? null : new Content.Delta(change.key(), json);
  }

  /** The resource that a document describes; of a key's secrets it says nothing that counts. */
  private static Resource read(ResourceKey key, JsonNode document, Content.@Nullable Item item)
      throws InvalidResource {
    Resource resource = ResourceJson.read(key.kind(), named(document, key));
    if (!resource.id().equals(key.id())) {
      throw new InvalidResource(
          List.of(new FieldError("/id", "is not that of the path, " + key.id())));
    }
    if (resource instanceof KeySpec wanted) {
      return wanted.with(
          item != null && item.resource() instanceof KeySpec known
              ? known.rotation()
              : KeySpec.Rotation.NONE);
    }
    return resource;
  }

  /** The path names a resource, so its document need not. */
  private static JsonNode named(JsonNode document, ResourceKey key) {
    if (document instanceof ObjectNode object && !object.has("id")) {
      return object.deepCopy().put("id", key.id());
    }
    return document;
  }
}
