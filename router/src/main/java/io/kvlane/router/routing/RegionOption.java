package io.kvlane.router.routing;

import io.kvlane.router.region.Hop;
import io.kvlane.router.region.OtherRegion;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Another region, whose router chooses the replica.
 *
 * @param other the region
 * @param hop the way there
 * @param cachedTokens believed to be cached there
 * @param uncachedTokens what the region has to prefill, then
 * @param answered told what the engine there reported
 * @param inFlight counts what this router has in flight in other regions
 */
record RegionOption(
    OtherRegion other,
    Hop hop,
    int cachedTokens,
    int uncachedTokens,
    Consumer<Route.Usage> answered,
    AtomicInteger inFlight,
    LongSupplier nanos)
    implements LiveRoute.Option {

  @Override
  public String region() {
    return other.name();
  }

  @Override
  public Route.Attempt begin() {
    other.load().forwarded(uncachedTokens, nanos.getAsLong());
    inFlight.incrementAndGet();
    return new Attempt();
  }

  private final class Attempt implements Route.Attempt {
    private boolean over;

    @Override
    public String replica() {
      return other.name();
    }

    @Override
    public String host() {
      return hop.host();
    }

    @Override
    public int port() {
      return hop.port();
    }

    @Override
    public Optional<Hop> hop() {
      return Optional.of(hop);
    }

    @Override
    public int predictedCachedTokens() {
      return cachedTokens;
    }

    @Override
    public void firstByte() {}

    @Override
    public void end(Route.Outcome outcome) {
      if (over) {
        return;
      }
      over = true;
      inFlight.decrementAndGet();
      if (outcome instanceof Route.Outcome.Failed failed && failed.unreachable()) {
        hop.failed();
      } else if (outcome instanceof Route.Outcome.Answered done) {
        answered.accept(done.usage());
      }
    }
  }
}
