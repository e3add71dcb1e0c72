package io.kvlane.router.control;

import io.kvlane.router.policy.Canary;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Decided;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Precondition;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.RevisionInfo;
import io.kvlane.router.policy.RolloutGuard;
import io.kvlane.router.policy.Rollouts;
import io.kvlane.router.policy.State;
import io.kvlane.router.policy.WriteRequest;
import io.kvlane.router.policy.Written;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends rollouts by itself: promotes a canary that has held, takes back what breaches its SLO or is
 * refused. It keeps nothing but what the store and the routers say, so that a restart forgets
 * nothing; where several routers have the store, the first one's write is the only one. One thread.
 */
final class RolloutKeeper {
  private static final Logger log = LoggerFactory.getLogger(RolloutKeeper.class);

  /** Of a revision's description. */
  private static final int MOST = 2_000;

  /** A router that refuses an older revision is the one that is wrong. */
  private static final Duration YOUNG = Duration.ofMinutes(5);

  private final PolicyStore store;
  private final ChangeDecider decider;
  private final Rollouts rollouts;
  private final boolean rollbackOnNack;
  private final InstantSource clock;
  private final MeterRegistry registry;
  private @Nullable RevisionInfo known;

  /** Of which nothing can be made: trying again would only fill the audit log. */
  private long hopeless;

  @FunctionalInterface
  private interface Ending {
    Decided of(State state) throws Refused;
  }

  RolloutKeeper(
      PolicyStore store,
      ChangeDecider decider,
      Rollouts rollouts,
      boolean rollbackOnNack,
      InstantSource clock,
      MeterRegistry registry) {
    this.store = store;
    this.decider = decider;
    this.rollouts = rollouts;
    this.rollbackOnNack = rollbackOnNack;
    this.clock = clock;
    this.registry = registry;
  }

  /**
   * Looks after the newest revision. Blocks.
   *
   * @return whether there is a newer one now
   */
  boolean look(State newest) {
    if (newest.revision() == hopeless) {
      return false;
    }
    Canary canary = newest.content().canary();
    if (canary != null) {
      return canary(newest.revision(), canary, newest.content().canaryBegun());
    }
    return rollbackOnNack && plain(newest);
  }

  private boolean canary(long newest, Canary canary, long begun) {
    Optional<RevisionInfo> info = info(begun);
    if (info.isEmpty()) {
      return false;
    }
    Instant now = clock.instant();
    RolloutGuard.Verdict verdict =
        RolloutGuard.decide(
            canary, begun, info.get().createdAt(), now, rollouts.lastLive(), rollouts.seen());
    return switch (verdict.step()) {
      case CONTINUE -> false;
      case PROMOTE -> end(newest, begun, true, verdict.cause(), verdict.reason());
      case ROLLBACK -> end(newest, begun, false, verdict.cause(), verdict.reason());
    };
  }

  private boolean end(long newest, long begun, boolean promote, String cause, String reason) {
    String action = "rollouts/" + begun + (promote ? ":promote" : ":rollback");
    String description = description(promote, begun, reason);
    return write(
        newest,
        action,
        cause,
        description,
        state -> decider.end(state, begun, promote, description));
  }

  /** A revision that some router refuses, before it was live everywhere. */
  private boolean plain(State newest) {
    long revision = newest.revision();
    Collection<Rollouts.Seen> seen = rollouts.seen();
    long live = rollouts.lastLive();
    long back = live > 0 ? live : revision - 1;
    String refusals = RolloutGuard.refusals(revision, back, seen);
    if (refusals.isEmpty() || live >= revision) {
      return false;
    }
    Optional<RevisionInfo> info = info(revision);
    boolean young =
        info.isPresent()
            && Duration.between(info.get().createdAt(), clock.instant()).compareTo(YOUNG) < 0;
    // What was taken back already is not taken back again: nobody could say where that ends.
    if (!young || info.get().author().equals(RolloutGuard.AUTHOR)) {
      return false;
    }
    Optional<State> old = store.at(back);
    if (old.isEmpty()) {
      return false;
    }
    String description = description(false, revision, refusals);
    return write(
        revision,
        "rollouts/" + revision + ":rollback",
        "nack",
        description,
        state ->
            decider.rollback(
                state, old.get(), new Precondition.Matches(List.of(newest.etag())), description));
  }

  private static String description(boolean promote, long begun, String reason) {
    String whole = RolloutGuard.ending(promote, begun, reason);
    return whole.length() > MOST ? whole.substring(0, MOST) : whole;
  }

  private boolean write(
      long newest, String action, String cause, String description, Ending ending) {
    try {
      store.write(
          new WriteRequest(RolloutGuard.AUTHOR, action, "", "", null),
          state ->
              new PolicyStore.Outcome(
                  ending.of(state), next -> new Written(200, "", "", next.revision(), false)));
    } catch (Refused e) {
      boolean overtaken =
          e.reason() == Refused.Reason.STALE || e.reason() == Refused.Reason.ROLLOUT;
      if (!overtaken) {
        hopeless = newest;
        log.warn("{} is not possible: {}", action, e.getMessage());
      }
      return overtaken;
    }
    log.warn("{}", description);
    Counter.builder("kvlane.rollouts.ended")
        .description("Rollouts that were ended by the router itself, by why")
        .tag("outcome", action.endsWith(":promote") ? "promoted" : "rolled_back")
        .tag("cause", cause)
        .register(registry)
        .increment();
    return true;
  }

  private Optional<RevisionInfo> info(long revision) {
    RevisionInfo found = known;
    if (found == null || found.revision() != revision) {
      found = store.revision(revision).orElse(null);
      known = found;
    }
    return Optional.ofNullable(found);
  }
}
