package io.kvlane.router.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.ResourceJson;
import io.kvlane.router.policy.ResourceKey;
import io.kvlane.router.policy.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Policies, pools, tenants and keys as a revision has them. */
final class ResourceReads {
  private static final Pattern TERM = Pattern.compile("\\s*([A-Za-z0-9.-]+)\\s*=\\s*(.*?)\\s*");

  private final Supplier<State> source;

  /**
   * @param source the revision to read; may block
   */
  ResourceReads(Supplier<State> source) {
    this.source = source;
  }

  /** {@code GET /KIND}. */
  ApiAnswer list(ApiCall call, Kind kind) {
    String after = Pages.mark(call, "");
    List<JsonNode> found = new ArrayList<>();
    for (Content.Item item : source.get().content().resources().values()) {
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
    ResourceKey key = new ResourceKey(kind, call.id());
    Content.Item item = source.get().content().get(key);
    if (item == null || !call.mayKnow(key, item)) {
      throw ApiProblem.notFound();
    }
    return ApiAnswer.ok(item.etag(), item.resource());
  }
}
