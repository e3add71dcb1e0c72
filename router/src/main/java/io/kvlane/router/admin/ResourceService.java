package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.policy.Change;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceJson;
import io.kvlane.router.policy.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Policies, pools and tenants, one at a time. */
final class ResourceService {
  private static final Pattern TERM = Pattern.compile("\\s*([A-Za-z0-9.-]+)\\s*=\\s*(.*?)\\s*");

  private final PolicyStore store;
  private final ChangeDecider decider;
  private final WriteService writes;

  ResourceService(PolicyStore store, ChangeDecider decider, WriteService writes) {
    this.store = store;
    this.decider = decider;
    this.writes = writes;
  }

  /** {@code GET /KIND}. */
  ApiAnswer list(ApiCall call, Kind kind) {
    String after = Pages.mark(call, "");
    List<JsonNode> found = new ArrayList<>();
    for (Content.Item item : store.current().content().resources().values()) {
      ResourceKey key = item.resource().key();
      if (key.kind() != kind || key.id().compareTo(after) <= 0 || !call.mayKnow(key, item)) {
        continue;
      }
      JsonNode tree = ResourceJson.tree(item.resource());
      if (passes(tree, call.query().get("filter")) && found.size() <= call.pageSize()) {
        found.add(tree);
      }
    }
    return ApiAnswer.ok(
        Pages.page(kind.collection(), found, call.pageSize(), node -> node.get("id").asText()));
  }

  private static boolean passes(JsonNode tree, @Nullable String filter) {
    if (filter == null || filter.isBlank()) {
      return true;
    }
    for (String term : filter.split("\\sAND\\s", -1)) {
      Matcher matcher = TERM.matcher(term);
      if (!matcher.matches()) {
        throw ApiProblem.of(400, "bad-filter", "filter: FIELD=VALUE, joined by AND.");
      }
      JsonNode value = tree.at('/' + matcher.group(1).replace('.', '/'));
      if (value.isMissingNode() || !value.asText().equals(matcher.group(2))) {
        return false;
      }
    }
    return true;
  }

  /** {@code GET /KIND/ID}. */
  ApiAnswer get(ApiCall call, Kind kind) {
    ResourceKey key = key(call, kind);
    Content.Item item = store.current().content().get(key);
    if (item == null || !call.mayKnow(key, item)) {
      throw ApiProblem.notFound();
    }
    return ApiAnswer.ok(item.etag(), item.resource());
  }

  /** {@code PUT /KIND/ID}. */
  ApiAnswer put(ApiCall call, Kind kind) throws Refused {
    return write(
        call,
        new Change.Put(key(call, kind), call.requireBody(), Preconditions.of(call.headers())));
  }

  /** {@code PATCH /KIND/ID}. */
  ApiAnswer patch(ApiCall call, Kind kind) throws Refused {
    return write(
        call,
        new Change.Patch(key(call, kind), call.requireBody(), Preconditions.of(call.headers())));
  }

  /** {@code DELETE /KIND/ID}. */
  ApiAnswer delete(ApiCall call, Kind kind) throws Refused {
    return write(call, new Change.Delete(key(call, kind), Preconditions.of(call.headers())));
  }

  private ApiAnswer write(ApiCall call, Change change) throws Refused {
    if (change.key().kind() != Kind.POLICY) {
      call.requireUnscoped();
    }
    return writes.write(
        call,
        List.of(change.key()),
        0,
        state -> decider.decide(state, List.of(change), List.of(""), call.line()));
  }

  private static ResourceKey key(ApiCall call, Kind kind) {
    return new ResourceKey(kind, String.valueOf(call.path().get("id")));
  }
}
