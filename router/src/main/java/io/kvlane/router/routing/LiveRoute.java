package io.kvlane.router.routing;

import java.util.List;
import java.util.Optional;

/** A decision being carried out. */
final class LiveRoute implements Route {
  /** A place that may serve the request. */
  interface Option {
    /** The region it is in. */
    String region();

    /** Whether it takes nothing new since it was decided. */
    default boolean isEvacuated() {
      return false;
    }

    /** Sends the request there. */
    Attempt begin();
  }

  private final String word;
  private final long decidedFrom;
  private final RequestFacts facts;
  private final List<? extends Option> options;
  private final ResidencyAudit residency;
  private final Reasons reasons;
  private int tried;

  /**
   * @param options best first
   * @param residency has the last word
   */
  LiveRoute(
      String word,
      long decidedFrom,
      RequestFacts facts,
      List<? extends Option> options,
      ResidencyAudit residency,
      Reasons reasons) {
    this.word = word;
    this.decidedFrom = decidedFrom;
    this.facts = facts;
    this.options = options;
    this.residency = residency;
    this.reasons = reasons;
  }

  @Override
  public String decision() {
    return word;
  }

  @Override
  public long decidedFrom() {
    return decidedFrom;
  }

  @Override
  public Reasons reasons() {
    return reasons;
  }

  @Override
  public Optional<Attempt> next() {
    while (tried < options.size()) {
      Option option = options.get(tried++);
      if (!option.isEvacuated() && residency.passes(facts, option.region())) {
        return Optional.of(option.begin());
      }
    }
    return Optional.empty();
  }
}
