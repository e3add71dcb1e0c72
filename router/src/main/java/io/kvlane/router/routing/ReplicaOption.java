package io.kvlane.router.routing;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.ReplicaLoad;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * A replica of this region: charges the attempt to it and learns from its end.
 *
 * @param cachedTokens believed to be cached there
 * @param shared what all options of the request have in common
 */
record ReplicaOption(Replica replica, int cachedTokens, Shared shared) implements LiveRoute.Option {
  /**
   * @param region this region's name
   * @param promptTokens of the whole prompt
   * @param chain keys of the prompt by which it was decided
   * @param msPerToken prefill time that the decision assumed
   * @param evacuated whether a replica takes nothing new
   * @param pulse told how much of a prompt is cached, and how long answers take
   * @param guard told how much of a prompt is cached
   * @param dispatched told of each attempt's replica
   * @param answered told what the engine reported
   */
  record Shared(
      String region,
      int promptTokens,
      long[] chain,
      double msPerToken,
      Predicate<Replica> evacuated,
      PoolPulse pulse,
      CacheGuard guard,
      Consumer<Replica> dispatched,
      BiConsumer<ReplicaOption, Route.Usage> answered,
      LongSupplier nanos) {}

  @Override
  public String region() {
    return shared.region;
  }

  @Override
  public boolean isEvacuated() {
    return shared.evacuated.test(replica);
  }

  @Override
  public Route.Attempt begin() {
    return new Attempt();
  }

  private final class Attempt implements Route.Attempt {
    private final ReplicaLoad.Call call;
    private boolean over;

    Attempt() {
      long uncached = (long) shared.promptTokens - cachedTokens;
      call =
          replica
              .load()
              .dispatched(shared.chain, uncached, shared.msPerToken, shared.nanos.getAsLong());
      shared.pulse.sent(cachedTokens, shared.promptTokens);
      shared.guard.sent(cachedTokens, shared.promptTokens);
      replica.breaker().dispatched();
      shared.dispatched.accept(replica);
    }

    @Override
    public String replica() {
      return replica.id();
    }

    @Override
    public String host() {
      return replica.host();
    }

    @Override
    public int port() {
      return replica.port();
    }

    @Override
    public int predictedCachedTokens() {
      return cachedTokens;
    }

    @Override
    public void firstByte() {
      replica.load().answered(call, replica.rate(), shared.nanos.getAsLong());
    }

    @Override
    public void end(Route.Outcome outcome) {
      if (over) {
        return;
      }
      over = true;
      double answerMs = replica.load().ended(call, shared.nanos.getAsLong());
      switch (outcome) {
        case Route.Outcome.Answered done -> {
          replica.breaker().succeeded();
          shared.pulse.answered(answerMs);
          shared.answered.accept(ReplicaOption.this, done.usage());
        }
        case Route.Outcome.Failed failed -> replica.breaker().failed();
        case Route.Outcome.Abandoned gone -> {}
      }
    }
  }
}
