package io.kvlane.router.admin;

import io.kvlane.router.policy.Change;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceKey;
import java.util.List;

/** Writes policies, pools, tenants and keys, one at a time. */
final class ResourceWrites {
  private final ChangeDecider decider;
  private final WriteService writes;

  ResourceWrites(ChangeDecider decider, WriteService writes) {
    this.decider = decider;
    this.writes = writes;
  }

  /** {@code PUT /KIND/ID}. */
  ApiAnswer put(ApiCall call, Kind kind) throws Refused {
    return write(
        call,
        new Change.Put(
            new ResourceKey(kind, call.id()),
            call.requireBody(),
            Preconditions.of(call.headers())));
  }

  /** {@code PATCH /KIND/ID}. */
  ApiAnswer patch(ApiCall call, Kind kind) throws Refused {
    return write(
        call,
        new Change.Patch(
            new ResourceKey(kind, call.id()),
            call.requireBody(),
            Preconditions.of(call.headers())));
  }

  /** {@code DELETE /KIND/ID}. */
  ApiAnswer delete(ApiCall call, Kind kind) throws Refused {
    return write(
        call,
        new Change.Delete(new ResourceKey(kind, call.id()), Preconditions.of(call.headers())));
  }

  private ApiAnswer write(ApiCall call, Change change) throws Refused {
    Kind kind = change.key().kind();
    if (kind != Kind.POLICY && kind != Kind.KEY) {
      call.requireUnscoped();
    }
    return writes.write(
        call,
        List.of(change.key()),
        0,
        state -> decider.decide(state, List.of(change), List.of(""), call.line()));
  }
}
