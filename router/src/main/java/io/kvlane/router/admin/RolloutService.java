package io.kvlane.router.admin;

import static java.util.Objects.requireNonNull;

import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.RevisionInfo;
import io.kvlane.router.policy.Rollouts;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How revisions reach the routers (ADM-8). */
final class RolloutService {
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final PolicyStore store;
  private final Rollouts rollouts;

  RolloutService(Vertx vertx, PolicyStore store, Rollouts rollouts) {
    this.vertx = vertx;
    this.store = store;
    this.rollouts = rollouts;
  }

  /** {@code GET /rollouts}. */
  ApiAnswer list(ApiCall call) {
    call.requireUnscoped();
    List<Rollouts.Rollout> found = new ArrayList<>();
    for (RevisionInfo revision :
        store.revisions(Pages.number(call, Long.MAX_VALUE), call.pageSize() + 1)) {
      found.add(rollouts.of(revision.revision()));
    }
    return ApiAnswer.ok(
        Pages.page("rollouts", found, call.pageSize(), rollout -> "" + rollout.revision()));
  }

  /** {@code GET /rollouts/N}. */
  ApiAnswer get(ApiCall call) {
    call.requireUnscoped();
    long revision = revision(call);
    if (store.revision(revision).isEmpty()) {
      throw ApiProblem.notFound();
    }
    return ApiAnswer.ok(rollouts.of(revision));
  }

  /**
   * {@code GET /revisions/N:wait}: the rollout, as soon as it is not pending any more, or as it is
   * when the time is up. Holds no thread meanwhile.
   */
  Future<ApiAnswer> await(ApiCall call) {
    long seconds = Long.parseLong(call.query().getOrDefault("timeout", "10"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Promise<ApiAnswer> promise = Promise.promise();
    look(revision(call), end, promise);
    return promise.future();
  }

  private void look(long revision, long end, Promise<ApiAnswer> promise) {
    Rollouts.Rollout rollout = rollouts.of(revision);
    if (rollout.state() != Rollouts.Phase.PENDING || System.nanoTime() - end >= 0) {
      promise.complete(ApiAnswer.ok(rollout));
    } else {
      vertx.setTimer(LOOK_MILLIS, timer -> look(revision, end, promise));
    }
  }

  private static long revision(ApiCall call) {
    return Long.parseLong(requireNonNull(call.path().get("revision")));
  }
}
