package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.region.Hop;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A route whose attempts are written down. */
final class WatchedRoute implements Route {
  private final Route route;
  private final Entry entry;
  private final LongSupplier nanos;

  WatchedRoute(Route route, Entry entry, LongSupplier nanos) {
    this.route = route;
    this.entry = entry;
    this.nanos = nanos;
  }

  @Override
  public String decision() {
    return route.decision();
  }

  @Override
  public @Nullable Reasons reasons() {
    return route.reasons();
  }

  @Override
  public long decidedFrom() {
    return route.decidedFrom();
  }

  @Override
  public Optional<Attempt> next() {
    return route.next().map(Watched::new);
  }

  private final class Watched implements Attempt {
    private final Attempt attempt;
    private final int number;
    private boolean over;

    Watched(Attempt attempt) {
      this.attempt = attempt;
      boolean crosses = attempt.hop().isPresent();
      number =
          entry.attempt(
              crosses ? attempt.replica() : "",
              crosses ? "" : attempt.replica(),
              attempt.predictedCachedTokens(),
              nanos.getAsLong());
    }

    @Override
    public String replica() {
      return attempt.replica();
    }

    @Override
    public String host() {
      return attempt.host();
    }

    @Override
    public int port() {
      return attempt.port();
    }

    @Override
    public Optional<Hop> hop() {
      return attempt.hop();
    }

    @Override
    public int predictedCachedTokens() {
      return attempt.predictedCachedTokens();
    }

    @Override
    public void firstByte() {
      attempt.firstByte();
    }

    @Override
    public void end(Outcome outcome) {
      attempt.end(outcome);
      if (!over) {
        over = true;
        entry.attempted(number, word(outcome), nanos.getAsLong());
      }
    }

    private static String word(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Answered answered -> "answered";
        case Outcome.Failed failed -> failed.reason();
        case Outcome.Abandoned gone -> "abandoned";
      };
    }
  }
}
