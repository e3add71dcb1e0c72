package io.kvlane.router.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
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

  private volatile PolicySnapshot current;
  private volatile Instant confirmedAt;
  private volatile String problem = "";

  /**
   * What this router serves, and since when nobody has confirmed it.
   *
   * @param configAge since the revision was last known to be the newest; grows while the store does
   *     not answer
   * @param problem why it does not serve the newest one, empty if all is well
   */
  public record Status(long revision, Duration configAge, String problem) {}

  private Policies(LastGood file, Validator validator, InstantSource clock, LastGood.Saved saved) {
    this.file = file;
    this.validator = validator;
    this.clock = clock;
    this.current = new PolicySnapshot(saved.state().revision(), saved.state().content());
    this.confirmedAt = saved.savedAt();
  }

  /**
   * Begins with what this router served last, or with the built-in default policy as revision 0.
   *
   * @param file the last good revision on this router's own disk
   */
  public static Policies load(Path file, Validator validator, InstantSource clock) {
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
            : new LastGood.Saved(builtIn(), Instant.ofEpochMilli(clock.millis()));
    var policies = new Policies(lastGood, validator, clock, start);
    policies.problem = problem;
    return policies;
  }

  /** Revision 0: the default policy alone. */
  static State builtIn() {
    var resources = new TreeMap<ResourceKey, Content.Item>();
    String json = ResourceJson.text(Policy.DEFAULTS);
    resources.put(Policy.DEFAULTS.key(), new Content.Item(Policy.DEFAULTS, json, 0));
    return new State(0, State.NONE.hash(), new Content(resources));
  }

  public PolicySnapshot current() {
    return current;
  }

  public Status status() {
    Duration age = Duration.between(confirmedAt, Instant.ofEpochMilli(clock.millis()));
    return new Status(current.revision(), age, problem);
  }

  /**
   * Serves that revision from now on, if it is newer and valid, and saves it. Blocks while saving;
   * one caller at a time.
   *
   * @return whether it is served, or was already
   */
  public synchronized boolean apply(State state) {
    long serving = current.revision();
    if (state.revision() < serving) {
      refuse("the store is at revision " + state.revision() + ", behind " + serving);
      return false;
    }
    if (state.revision() == serving) {
      confirmed("");
      return true;
    }
    List<Validator.Finding> findings = validator.check(state.content());
    if (!findings.isEmpty()) {
      Validator.Finding first = findings.getFirst();
      refuse(
          "revision "
              + state.revision()
              + " is not valid here: "
              + first.key()
              + first.error().path()
              + ": "
              + first.error().message());
      return false;
    }
    String saving = "";
    try {
      file.save(state, Instant.ofEpochMilli(clock.millis()));
    } catch (IOException e) {
      log.warn("Revision {} is served, but would not survive a restart", state.revision(), e);
      saving = "revision " + state.revision() + " cannot be saved: " + e.getMessage();
    }
    current = new PolicySnapshot(state.revision(), state.content());
    log.info("Serving revision {}", state.revision());
    confirmed(saving);
    return true;
  }

  private void confirmed(String remaining) {
    confirmedAt = Instant.ofEpochMilli(clock.millis());
    problem = remaining;
  }

  private void refuse(String why) {
    if (!problem.equals(why)) {
      log.warn("Still serving revision {}: {}", current.revision(), why);
    }
    problem = why;
  }
}
