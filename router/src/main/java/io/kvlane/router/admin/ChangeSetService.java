package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.policy.Canary;
import io.kvlane.router.policy.Change;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Precondition;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceJson;
import io.kvlane.router.policy.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Several changes as one revision (ADM-4). */
final class ChangeSetService {
  private final ChangeDecider decider;
  private final WriteService writes;

  ChangeSetService(ChangeDecider decider, WriteService writes) {
    this.decider = decider;
    this.writes = writes;
  }

  /** {@code POST /changesets}. */
  ApiAnswer create(ApiCall call) throws Refused {
    call.requireUnscoped();
    JsonNode body = call.requireBody();
    List<Change> changes = new ArrayList<>();
    List<String> places = new ArrayList<>();
    for (JsonNode change : body.path("changes")) {
      String place = "/changes/" + changes.size();
      changes.add(change(change, place));
      places.add(place + (change.has("put") ? "/put" : change.has("patch") ? "/patch" : ""));
    }
    needAdmin(call, changes);
    String description = body.path("description").asText("");
    Canary plan = plan(body.get("rollout"));
    return writes.write(
        call,
        changes.stream().map(Change::key).toList(),
        201,
        state -> decider.decide(state, changes, places, description, plan));
  }

  /** Null for all requests at once. */
  private static @Nullable Canary plan(@Nullable JsonNode rollout) {
    if (rollout == null) {
      return null;
    }
    try {
      JsonNode named = rollout.<ObjectNode>deepCopy().put("id", Canary.KEY.id());
      return (Canary) ResourceJson.read(Kind.CANARY, named);
    } catch (InvalidResource e) {
      throw ApiProblem.invalid(e.errors().stream().map(x -> x.under("/rollout")).toList());
    }
  }

  /** As with single resources: operators change policies, admins the rest. */
  private static void needAdmin(ApiCall call, List<Change> changes) {
    boolean policies = changes.stream().allMatch(change -> change.key().kind() == Kind.POLICY);
    if (!policies && !call.caller().may(ApiKey.Role.ADMIN)) {
      throw ApiProblem.of(403, "forbidden", "Pools and tenants need the role admin.");
    }
  }

  private static Change change(JsonNode change, String place) {
    Kind kind = Kind.ofCollection(change.path("kind").asText()).orElseThrow();
    var key = new ResourceKey(kind, change.path("id").asText());
    boolean delete = change.path("delete").asBoolean();
    long actions =
        Stream.of(change.has("put"), change.has("patch"), delete).filter(is -> is).count();
    if (actions != 1) {
      throw invalid(place, "expected: exactly one of put, patch and delete");
    }
    boolean create = change.path("create").asBoolean();
    if (create && change.has("ifMatch")) {
      throw invalid(place, "expected: either ifMatch or create");
    }
    String ifMatch = change.has("ifMatch") ? change.get("ifMatch").asText() : null;
    Precondition precondition = create ? new Precondition.Absent() : Preconditions.matches(ifMatch);
    if (delete) {
      return new Change.Delete(key, precondition);
    }
    return change.has("put")
        ? new Change.Put(key, change.get("put"), precondition)
        : new Change.Patch(key, change.get("patch"), precondition);
  }

  private static ApiProblem invalid(String path, String message) {
    return ApiProblem.invalid(List.of(new FieldError(path, message)));
  }
}
