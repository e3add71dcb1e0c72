package io.kvlane.router.routing;

import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.decision.ReplicaLoad;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A decision being carried out: charges each attempt to its replica and learns from its end. */
final class LiveRoute implements Route {
  /**
   * A replica and what is expected of it.
   *
   * @param cachedTokens believed to be cached there
   * @param promptTokens of the whole prompt
   */
  record Option(Replica replica, int cachedTokens, int promptTokens) {}

  private final String word;
  private final List<Option> options;
  private final long[] chain;
  private final double msPerToken;
  private final PoolPulse pulse;
  private final Consumer<Replica> dispatched;
  private final BiConsumer<Option, Usage> answered;
  private final LongSupplier nanos;
  private int tried;

  /**
   * @param options best first
   * @param chain keys of the prompt by which it was decided
   * @param msPerToken prefill time that the decision assumed
   * @param pulse told how long answers take
   * @param dispatched told of each attempt's replica
   * @param answered told what the engine reported
   */
  LiveRoute(
      String word,
      List<Option> options,
      long[] chain,
      double msPerToken,
      PoolPulse pulse,
      Consumer<Replica> dispatched,
      BiConsumer<Option, Usage> answered,
      LongSupplier nanos) {
    this.word = word;
    this.options = options;
    this.chain = chain;
    this.msPerToken = msPerToken;
    this.pulse = pulse;
    this.dispatched = dispatched;
    this.answered = answered;
    this.nanos = nanos;
  }

  @Override
  public String decision() {
    return word;
  }

  @Override
  public Optional<Attempt> next() {
    if (tried == options.size()) {
      return Optional.empty();
    }
    return Optional.of(new LiveAttempt(options.get(tried++)));
  }

  private final class LiveAttempt implements Attempt {
    private final Option option;
    private final Replica replica;
    private final ReplicaLoad.Call call;
    private boolean over;

    LiveAttempt(Option option) {
      this.option = option;
      this.replica = option.replica;
      long uncached = (long) option.promptTokens - option.cachedTokens;
      call = replica.load().dispatched(chain, uncached, msPerToken, nanos.getAsLong());
      replica.breaker().dispatched();
      dispatched.accept(replica);
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
      return option.cachedTokens;
    }

    @Override
    public void firstByte() {
      replica.load().answered(call, replica.rate(), nanos.getAsLong());
    }

    @Override
    public void end(Outcome outcome) {
      if (over) {
        return;
      }
      over = true;
      double answerMs = replica.load().ended(call, nanos.getAsLong());
      switch (outcome) {
        case Outcome.Answered done -> {
          replica.breaker().succeeded();
          pulse.answered(answerMs);
          answered.accept(option, done.usage());
        }
        case Outcome.Failed failed -> replica.breaker().failed();
        case Outcome.Abandoned gone -> {}
      }
    }
  }
}
