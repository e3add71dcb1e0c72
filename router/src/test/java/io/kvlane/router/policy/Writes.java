package io.kvlane.router.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes of policies that differ in their priority, for tests of the store. */
final class Writes {
  static final ChangeDecider DECIDER = new ChangeDecider(new Validator(() -> Samples.REGIONS));

  private Writes() {}

  static Written put(
      PolicyStore store,
      String id,
      int priority,
      Precondition precondition,
      WriteRequest.@Nullable Once once)
      throws Refused {
    String json = "{'priority':" + priority + ",'consistency':'CP'}";
    return write(store, Samples.put(id, json, precondition), "writer", once);
  }

  static Written write(
      PolicyStore store, Change change, String actor, WriteRequest.@Nullable Once once)
      throws Refused {
    return store.write(
        new WriteRequest(actor, "PUT " + change.key(), "", "", once),
        state ->
            new PolicyStore.Outcome(
                DECIDER.decide(state, List.of(change), List.of(""), "test"),
                next -> answer(state, next, change.key())));
  }

  private static Written answer(State state, State next, ResourceKey key) {
    Content.Item item = next.content().get(key);
    int status = state.content().get(key) == null ? 201 : 200;
    String etag = item == null ? "" : item.etag();
    return new Written(status, etag, "{\"etag\":" + etag + '}', next.revision(), false);
  }
}
