package io.kvlane.router.admin;

import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Diff;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Precondition;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.RevisionInfo;
import io.kvlane.router.policy.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Revisions: they never change, and going back is a new one (ADM-6). Of keys they show nothing,
 * since those are for admins to see, and going back leaves them as they are.
 */
final class RevisionService {
  private static final List<Kind> PARTS = List.of(Kind.POLICY, Kind.POOL, Kind.TENANT);

  private final PolicyStore store;
  private final ChangeDecider decider;
  private final WriteService writes;

  RevisionService(PolicyStore store, ChangeDecider decider, WriteService writes) {
    this.store = store;
    this.decider = decider;
    this.writes = writes;
  }

  /** {@code GET /revisions}. */
  ApiAnswer list(ApiCall call) {
    call.requireUnscoped();
    long below = Pages.number(call, Long.MAX_VALUE);
    List<Map<String, Object>> revisions = new ArrayList<>();
    for (RevisionInfo revision : store.revisions(below, call.pageSize() + 1)) {
      revisions.add(shown(revision));
    }
    return ApiAnswer.ok(
        store.current().etag(),
        Pages.page("revisions", revisions, call.pageSize(), entry -> "" + entry.get("revision")));
  }

  /** {@code GET /revisions/N}. */
  ApiAnswer get(ApiCall call) {
    call.requireUnscoped();
    State state = state(call.path().get("revision"));
    Map<String, Object> body =
        shown(store.revision(state.revision()).orElseThrow(ApiProblem::notFound));
    for (Kind kind : PARTS) {
      List<Object> resources = new ArrayList<>();
      for (Content.Item item : state.content().resources().values()) {
        if (item.resource().key().kind() == kind) {
          resources.add(item.resource());
        }
      }
      body.put(kind.collection(), resources);
    }
    return ApiAnswer.ok(state.etag(), body);
  }

  /** {@code GET /revisions:diff}. */
  ApiAnswer diff(ApiCall call) {
    call.requireUnscoped();
    Content from = state(call.query().get("from")).content().without(Kind.KEY);
    Content to = state(call.query().get("to")).content().without(Kind.KEY);
    return ApiAnswer.ok(Map.of("diff", Diff.between(from, to)));
  }

  /** {@code POST /revisions/N:rollback}. */
  ApiAnswer rollback(ApiCall call) throws Refused {
    call.requireUnscoped();
    State old = state(call.path().get("revision"));
    Precondition precondition = Preconditions.of(call.headers());
    String description = "back to revision " + old.revision();
    return writes.write(
        call, List.of(), 201, state -> decider.rollback(state, old, precondition, description));
  }

  private State state(@Nullable String number) {
    return store.at(Long.parseLong(String.valueOf(number))).orElseThrow(ApiProblem::notFound);
  }

  private static Map<String, Object> shown(RevisionInfo revision) {
    Map<String, Object> shown = new TreeMap<>();
    shown.put("revision", revision.revision());
    shown.put("parent", revision.parent());
    shown.put("author", revision.author());
    shown.put("createdAt", revision.createdAt().toString());
    shown.put("description", revision.description());
    shown.put("hash", revision.hash());
    shown.put("etag", revision.etag());
    return shown;
  }
}
