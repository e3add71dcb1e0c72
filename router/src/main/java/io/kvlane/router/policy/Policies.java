package io.kvlane.router.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revision that this router serves. It only ever goes forward (ADM-9), and a revision that is
 * not valid here changes nothing (CAP-5). {@link #current()} is one volatile read.
 */
public final class Policies {
  private static final Logger log = LoggerFactory.getLogger(Policies.class);

  private final LastGood file;
  private final Validator validator;
  private final InstantSource clock;

  private volatile State state;
  private volatile Serving serving;
  private volatile Instant confirmedAt;
  private volatile String problem = "";
  private volatile long refused;

  /**
   * What this router serves, and since when nobody has confirmed it.
   *
   * @param configAge since the revision was last known to be the newest; grows while the store does
   *     not answer
   * @param refused the newer one that it does not serve, or serves but could not save; 0 for none
   * @param problem why it does not serve the newest one, empty if all is well
   */
  public record Status(long revision, Duration configAge, long refused, String problem) {}

  private Policies(LastGood file, Validator validator, InstantSource clock, LastGood.Saved saved) {
    this.file = file;
    this.validator = validator;
    this.clock = clock;
    this.state = saved.state();
    this.serving = serving(saved.state(), null);
    this.confirmedAt = saved.savedAt();
  }

  /**
   * What a router serves that nobody gives policies.
   *
   * @param policy revision 0
   */
  public static Policies of(Policy policy) {
    var none = new LastGood(Path.of(""));
    InstantSource clock = InstantSource.system();
    var saved = new LastGood.Saved(builtIn(policy), clock.instant());
    return new Policies(none, new Validator(Set::of), clock, saved);
  }

  /**
   * Begins with what this router served last, or with {@code policy} as revision 0.
   *
   * @param file the last good revision on this router's own disk
   */
  public static Policies load(Path file, Policy policy, Validator validator, InstantSource clock) {
    var lastGood = new LastGood(file);
    String problem = "";
    Optional<LastGood.Saved> saved = Optional.empty();
    try {
      saved = lastGood.load();
      if (saved.isPresent() && !validator.check(saved.get().state().content()).isEmpty()) {
        problem = file + " holds a revision that is not valid here";
      }
    } catch (IOException e) {
      log.warn("The last good revision cannot be used", e);
      problem = String.valueOf(e.getMessage());
    }
    LastGood.Saved start =
        saved.isPresent() && problem.isEmpty()
            ? saved.get()
            : new LastGood.Saved(builtIn(policy), Instant.ofEpochMilli(clock.millis()));
    var policies = new Policies(lastGood, validator, clock, start);
    policies.problem = problem;
    return policies;
  }

  /**
   * What a router has saved as its last good revision; empty if nothing is there.
   *
   * @throws IOException if the file cannot be read or is not what was written
   */
  public static Optional<State> saved(Path file) throws IOException {
    return new LastGood(file).load().map(LastGood.Saved::state);
  }

  /** Revision 0: one policy alone. */
  static State builtIn(Policy policy) {
    var resources = new TreeMap<ResourceKey, Content.Item>();
    resources.put(policy.key(), new Content.Item(policy, ResourceJson.text(policy), 0));
    return new State(0, State.NONE.hash(), new Content(resources));
  }

  public PolicySnapshot current() {
    return serving.newest;
  }

  /**
   * The side of a canary that a request is on.
   *
   * @param counter told what becomes of the request; null if there is no canary
   */
  public record Arm(PolicySnapshot snapshot, @Nullable ArmCounter counter) {}

  /** The newest revision, and both sides of its canary if it has one. */
  private record Serving(PolicySnapshot newest, @Nullable Arms arms) {}

  /**
   * By what a request is served from its beginning to its end.
   *
   * @param region this router's
   */
  public Arm arm(String region, String requestId) {
    Serving now = serving;
    return now.arms == null
        ? new Arm(now.newest, null)
        : now.arms.of(now.newest, region, requestId);
  }

  /** What was seen of the canary that is under way; null if there is none. */
  public Arms.@Nullable Report armsReport() {
    Arms both = serving.arms;
    return both == null ? null : both.report();
  }

  private static Serving serving(State state, @Nullable Arms before) {
    var newest = new PolicySnapshot(state.revision(), state.content());
    Canary canary = state.content().canary();
    if (canary == null) {
      return new Serving(newest, null);
    }
    long begun = state.content().canaryBegun();
    try {
      var base = new PolicySnapshot(canary.base(), canary.without(state.content()));
      return new Serving(
          newest,
          before != null && before.begun() == begun
              ? before.with(base)
              : new Arms(canary, begun, base));
    } catch (InvalidResource e) {
      throw new IllegalStateException("A canary was stored that cannot be undone", e);
    }
  }

  /** All that is served, as it was written. */
  public State state() {
    return state;
  }

  public Status status() {
    Duration age = Duration.between(confirmedAt, Instant.ofEpochMilli(clock.millis()));
    return new Status(serving.newest.revision(), age, refused, problem);
  }

  /**
   * Serves that revision from now on, if it is newer and valid, and saves it. Blocks while saving;
   * one caller at a time.
   *
   * @return whether it is served, or was already
   */
  public synchronized boolean apply(State state) {
    long before = serving.newest.revision();
    if (state.hasLost(this.state)) {
      return false; // somebody was slow: another source has brought a newer one meanwhile
    }
    if (state.revision() == before) {
      if (refused > 0 && refused <= before) {
        save(state); // the disk may have room again, the store may have caught up
      }
      confirmed(Instant.ofEpochMilli(clock.millis()));
      return true;
    }
    List<Validator.Finding> findings = validator.check(state.content());
    if (!findings.isEmpty()) {
      Validator.Finding first = findings.getFirst();
      refuse(
          state.revision(),
          "revision "
              + state.revision()
              + " is not valid here: "
              + first.key()
              + first.error().path()
              + ": "
              + first.error().message());
      return false;
    }
    save(state);
    this.state = state;
    serving = serving(state, serving.arms);
    log.info("Serving revision {}", state.revision());
    confirmed(Instant.ofEpochMilli(clock.millis()));
    return true;
  }

  /**
   * The store has lost what is served: it was restored from a backup. Nothing changes, and it is
   * said.
   *
   * @param newest the store's, as read after what is served was served
   */
  public synchronized void lost(State newest) {
    long served = serving.newest.revision();
    refuse(
        newest.revision(),
        newest.revision() < served
            ? "the store is at revision " + newest.revision() + ", behind " + served
            : "the store has another revision " + served + " than the one that is served");
  }

  /**
   * There is a newer revision that cannot be read here: a newer version of the router wrote it, and
   * it says what this one does not know.
   */
  public synchronized void unreadable(long revision, String why) {
    if (revision > serving.newest.revision()) {
      refuse(revision, "revision " + revision + " cannot be read here: " + why);
    }
  }

  private void save(State state) {
    try {
      file.save(state, Instant.ofEpochMilli(clock.millis()));
      refused = 0;
      problem = "";
    } catch (IOException e) {
      log.warn("Revision {} is served, but would not survive a restart", state.revision(), e);
      refuse(state.revision(), "revision " + state.revision() + " cannot be saved: " + e);
    }
  }

  /**
   * The revision that is served was known to be the newest then. Any thread.
   *
   * @param revision for which that holds; others are ignored
   */
  public synchronized void confirmed(long revision, Instant at) {
    if (revision == serving.newest.revision()) {
      confirmed(at);
    }
  }

  private void confirmed(Instant at) {
    if (at.isAfter(confirmedAt)) {
      confirmedAt = at;
    }
    if (refused == 0) {
      problem = "";
    }
  }

  private void refuse(long revision, String why) {
    if (!problem.equals(why)) {
      log.warn("Still serving revision {}: {}", serving.newest.revision(), why);
    }
    refused = revision;
    problem = why;
  }
}
