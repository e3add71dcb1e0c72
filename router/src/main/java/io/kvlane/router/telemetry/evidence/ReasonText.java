package io.kvlane.router.telemetry.evidence;

import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.router.routing.Reasons;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says in words why a request went where it went, from the numbers that were kept. */
final class ReasonText {
  private ReasonText() {}

  static String of(Entry.Seen seen) {
    StringBuilder text = new StringBuilder();
    Reasons reasons = seen.reasons();
    if (reasons != null) {
      text.append(decision(reasons));
    } else if (seen.attempts().isEmpty()) {
      text.append(
          seen.state() == Entry.State.OPEN ? "Nothing is decided yet." : "It came to no decision.");
    }
    if (seen.attempts().size() > 1) {
      text.append(' ').append(failover(seen.attempts()));
    }
    switch (seen.state()) {
      case REFUSED -> text.append(" It was refused: ").append(seen.error()).append('.');
      case FAILED -> text.append(" It failed: ").append(seen.error()).append('.');
      case LEFT -> text.append(" The client left before the end.");
      case OPEN, ANSWERED -> {}
    }
    return text.toString().strip();
  }

  private static String decision(Reasons reasons) {
    return switch (reasons.ground()) {
      case REPLICAS -> here(reasons.here()) + best(reasons);
      case WORTH -> worth(reasons);
      case DRAINED -> "This region is being drained of it" + standIn(reasons);
      case UNFIT ->
          "No replica of this region is fit to take it, being unhealthy or behind an open breaker"
              + standIn(reasons);
      case ABSENT ->
          (reasons.refused().stream().anyMatch(r -> r.why() == Reasons.Why.EVACUATED)
                  ? "The model's replicas in this region are evacuated"
                  : "No replica of this region serves the model")
              + standIn(reasons);
      case FULL ->
          "This region's replicas keep their memory for prompts that they hold a part of"
              + standIn(reasons);
      case RESIDENCY -> "It may not be served in this region (residency)" + standIn(reasons);
      case TURN ->
          "The client asked to be routed without regard to caches: replicas take their turns.";
    };
  }

  private static String here(@Nullable Decision decision) {
    return decision == null ? "" : decision.reason();
  }

  /** The other regions, where this one was chosen. */
  private static String best(Reasons reasons) {
    return reasons.regions().stream()
        .filter(region -> region.refused() == null)
        .map(Reasons.Region::view)
        .min((a, b) -> Double.compare(costMs(a, reasons), costMs(b, reasons)))
        .map(region -> notWorth(region, reasons))
        .orElse("");
  }

  private static String notWorth(RegionView region, Reasons reasons) {
    double costMs = costMs(region, reasons);
    Decision here = reasons.here();
    return String.format(
        Locale.ROOT,
        " No other region is worth the way: %s would take %.0f ms%s.",
        region.id(),
        costMs,
        here == null || costMs >= here.winner().costMs()
            ? ""
            : ", sooner than here, but at a greater cost to what waits or what follows");
  }

  private static String worth(Reasons reasons) {
    RegionView to = chosen(reasons).orElseThrow();
    String text =
        String.format(
            Locale.ROOT,
            "Region %s is worth the way: about %.0f ms with %d tokens cached there, its round trip"
                + " of %.0f ms included",
            to.id(),
            costMs(to, reasons),
            to.cachedTokens(),
            to.roundTripMs());
    Decision here = reasons.here();
    return here == null
        ? text + '.'
        : text
            + String.format(
                Locale.ROOT,
                ", against %.0f ms with %d at the best replica here, %s.",
                here.winner().costMs(),
                here.winner().cachedTokens(),
                here.winner().replica().id());
  }

  private static String standIn(Reasons reasons) {
    Optional<RegionView> to = chosen(reasons);
    if (to.isPresent()) {
      return String.format(
          Locale.ROOT,
          "; region %s stands in, %.0f ms away with %d tokens cached there.",
          to.get().id(),
          to.get().roundTripMs(),
          to.get().cachedTokens());
    }
    Decision here = reasons.here();
    return "; no other region can take it." + (here == null ? "" : " " + here.reason());
  }

  private static Optional<RegionView> chosen(Reasons reasons) {
    return reasons.regions().stream()
        .filter(Reasons.Region::chosen)
        .map(Reasons.Region::view)
        .findFirst();
  }

  /** Predicted time to the first byte there, milliseconds. */
  static double costMs(RegionView region, Reasons reasons) {
    int uncached = reasons.features().promptTokens() - region.cachedTokens();
    return region.roundTripMs() + (region.waitingTokens() + uncached) * region.msPerToken();
  }

  private static String failover(List<Entry.Tried> attempts) {
    StringBuilder text = new StringBuilder();
    for (Entry.Tried tried : attempts.subList(0, attempts.size() - 1)) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s did not answer (%s, after %.0f ms). ",
              name(tried),
              tried.outcome(),
              tried.millis()));
    }
    return text.append(name(attempts.getLast())).append(" was tried next.").toString();
  }

  private static String name(Entry.Tried tried) {
    return tried.replica().isEmpty() ? "Region " + tried.region() : "Replica " + tried.replica();
  }
}
