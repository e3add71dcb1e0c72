package io.kvlane.router.admin;

import static java.util.Objects.requireNonNull;

import io.kvlane.router.policy.Canary;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.RevisionInfo;
import io.kvlane.router.policy.RolloutGuard;
import io.kvlane.router.policy.Rollouts;
import io.kvlane.router.policy.Rollouts.Phase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How revisions reach the routers, and what becomes of canaries (ADM-8). */
final class RolloutService {
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final PolicyStore store;
  private final Policies policies;
  private final Rollouts rollouts;
  private final ChangeDecider decider;
  private final WriteService writes;
  private final InstantSource clock;

  RolloutService(Vertx vertx, AdminParts parts, PolicyStore store, WriteService writes) {
    this.vertx = vertx;
    this.store = store;
    this.policies = parts.policies();
    this.rollouts = parts.rollouts();
    this.decider = parts.decider();
    this.writes = writes;
    this.clock = InstantSource.system();
  }

  /** {@code GET /rollouts}. */
  ApiAnswer list(ApiCall call) {
    call.requireUnscoped();
    List<RevisionInfo> page =
        store.revisions(Pages.number(call, Long.MAX_VALUE), call.pageSize() + 1);
    List<PolicyStore.CanaryChange> canaries =
        page.isEmpty() ? List.of() : store.canaries(page.getLast().revision());
    List<Map<String, Object>> found = new ArrayList<>();
    RevisionInfo next = page.isEmpty() ? null : after(page.getFirst());
    for (RevisionInfo revision : page) {
      found.add(shown(revision, next, canaries));
      next = revision;
    }
    return ApiAnswer.ok(
        Pages.page("rollouts", found, call.pageSize(), rollout -> "" + rollout.get("revision")));
  }

  /** {@code GET /rollouts/N}. */
  ApiAnswer get(ApiCall call) {
    call.requireUnscoped();
    RevisionInfo revision = store.revision(revision(call)).orElseThrow(ApiProblem::notFound);
    return ApiAnswer.ok(shown(revision, after(revision), store.canaries(revision.revision())));
  }

  private @Nullable RevisionInfo after(RevisionInfo revision) {
    return store.revision(revision.revision() + 1).orElse(null);
  }

  /**
   * @param next the revision behind it, null for none
   */
  private Map<String, Object> shown(
      RevisionInfo revision, @Nullable RevisionInfo next, List<PolicyStore.CanaryChange> canaries) {
    long number = revision.revision();
    Rollouts.Rollout rollout = rollouts.of(number);
    Canary canary = null;
    RevisionInfo end = null;
    for (PolicyStore.CanaryChange change : canaries) {
      if (change.revision() == number) {
        canary = change.canary();
      } else if (canary != null && change.revision() > number) {
        end = store.revision(change.revision()).orElse(null);
        break;
      }
    }
    if (canary == null && next != null && RolloutGuard.takesBack(next, number)) {
      end = next;
    }
    boolean back = end != null && RolloutGuard.isRollback(end);
    Phase state = rollout.state();
    if (back) {
      state = Phase.ROLLED_BACK;
    } else if (canary != null && end == null && state == Phase.LIVE) {
      state = Phase.CANARY;
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("revision", number);
    shown.put("state", state);
    shown.put("millis", rollout.millis());
    shown.put("reason", reason(revision, canary, end));
    shown.put("regions", rollout.regions());
    if (canary != null) {
      shown.put("canary", settings(canary));
      if (end == null) {
        shown.put("arms", arms(number));
      }
    }
    return shown;
  }

  private String reason(
      RevisionInfo revision, @Nullable Canary canary, @Nullable RevisionInfo end) {
    if (end != null) {
      return end.description();
    }
    return canary == null
        ? ""
        : RolloutGuard.decide(
                canary,
                revision.revision(),
                revision.createdAt(),
                clock.instant(),
                rollouts.lastLive(),
                rollouts.seen())
            .reason();
  }

  private static Map<String, Object> settings(Canary canary) {
    return Map.of(
        "percent", canary.percent(),
        "regions", canary.regions(),
        "holdSeconds", canary.holdSeconds(),
        "slo", canary.slo(),
        "promote", canary.promote(),
        "base", canary.base());
  }

  private Map<String, Object> arms(long begun) {
    Collection<Rollouts.Seen> seen = rollouts.seen();
    return Map.of(
        "canary", RolloutGuard.figures(begun, seen).summary(),
        "base", RolloutGuard.baseFigures(begun, seen).summary());
  }

  /** {@code POST /rollouts/N:promote}. */
  ApiAnswer promote(ApiCall call) throws Refused {
    return end(call, true);
  }

  /** {@code POST /rollouts/N:rollback}. */
  ApiAnswer rollback(ApiCall call) throws Refused {
    return end(call, false);
  }

  /** The revision in the path says all that the caller has to know: it needs no If-Match. */
  private ApiAnswer end(ApiCall call, boolean promote) throws Refused {
    call.requireUnscoped();
    long begun = revision(call);
    if (store.revision(begun).isEmpty()) {
      throw ApiProblem.notFound();
    }
    String description = RolloutGuard.ending(promote, begun, "by " + call.caller().id());
    return writes.write(
        call, List.of(), 201, state -> decider.end(state, begun, promote, description));
  }

  /**
   * {@code GET /revisions/N:wait}: completes as soon as the rollout is not under way any more, or
   * when the time is up. Holds no thread meanwhile.
   */
  Future<Void> await(ApiCall call) {
    long seconds = Long.parseLong(call.query().getOrDefault("timeout", "10"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Promise<Void> promise = Promise.promise();
    look(revision(call), end, promise);
    return promise.future();
  }

  private void look(long revision, long end, Promise<Void> promise) {
    Phase state = rollouts.of(revision).state();
    boolean canary = policies.state().content().canaryBegun() == revision;
    if ((state != Phase.PENDING && !canary) || System.nanoTime() - end >= 0) {
      promise.complete();
    } else {
      vertx.setTimer(LOOK_MILLIS, timer -> look(revision, end, promise));
    }
  }

  private static long revision(ApiCall call) {
    return Long.parseLong(requireNonNull(call.path().get("revision")));
  }
}
