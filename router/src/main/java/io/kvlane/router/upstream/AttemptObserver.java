package io.kvlane.router.upstream;

/** Is told how attempts end. Called on event loops. */
@FunctionalInterface
public interface AttemptObserver {
  /** An attempt ended: {@code answered}, {@code abandoned} or a {@link Failure.Kind#word()}. */
  void ended(String outcome);
}
