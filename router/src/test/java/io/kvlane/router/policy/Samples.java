package io.kvlane.router.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Resources and states for tests. */
final class Samples {
  static final Set<String> REGIONS = Set.of("eu", "us", "ap");

  static final String DEFAULT = "{'id':'default','priority':1000000,'consistency':'CP'}";

  private Samples() {}

  /** JSON, written with single quotes. */
  static JsonNode json(String text) {
    try {
      return ResourceJson.parse(text.replace('\'', '"'));
    } catch (InvalidResource e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Policy policy(String text) throws InvalidResource {
    return (Policy) ResourceJson.read(Kind.POLICY, json(text));
  }

  /** A revision 1 of these policies and the default one. */
  static State state(String... policies) {
    List<Content.Delta> records = new ArrayList<>();
    try {
      for (String text : policies) {
        records.add(record(policy(text)));
      }
      records.add(record(policy(DEFAULT)));
      return new State(1, "1".repeat(64), Content.EMPTY.replay(1, records));
    } catch (InvalidResource e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Content.Delta record(Policy policy) {
    return new Content.Delta(policy.key(), ResourceJson.text(policy));
  }

  static ResourceKey policyKey(String id) {
    return new ResourceKey(Kind.POLICY, id);
  }

  static Change.Put put(String id, String text, Precondition precondition) {
    return new Change.Put(policyKey(id), json(text), precondition);
  }

  static Precondition as(State state, String id) {
    Content.Item item = state.content().get(policyKey(id));
    return item == null
        ? new Precondition.Absent()
        : new Precondition.Matches(List.of(item.etag()));
  }
}
