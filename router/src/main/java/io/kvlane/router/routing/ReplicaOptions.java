package io.kvlane.router.routing;

import io.kvlane.locality.log.RoutedFrame;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Gives the options of a request what they have in common: what becomes of it is told to all who
 * learn from it. Safe for any thread.
 */
final class ReplicaOptions {
  private final String region;
  private final Drains drains;
  private final Function<String, Learned> learned;
  private final Consumer<RoutedFrame.Routed> routed;

  /**
   * @param region this region's name
   * @param learned of a model
   * @param routed told of each attempt's prompt, for the region's other routers
   */
  ReplicaOptions(
      String region,
      Drains drains,
      Function<String, Learned> learned,
      Consumer<RoutedFrame.Routed> routed) {
    this.region = region;
    this.drains = drains;
    this.learned = learned;
    this.routed = routed;
  }

  /**
   * What all options of a request have in common.
   *
   * @param msPerToken prefill time that the decision assumes
   */
  ReplicaOption.Shared shared(Prompt prompt, double msPerToken) {
    RequestFacts facts = prompt.facts();
    Learned model = learned.apply(facts.model());
    TokenRatio ratio = model.ratio();
    boolean byText = prompt.byText();
    long[] keys = prompt.text().keys();
    double tokensPerKey = prompt.chunkTokens();
    return new ReplicaOption.Shared(
        region,
        prompt.tokens(),
        byText ? keys : prompt.chain().keys(),
        msPerToken,
        replica -> drains.evacuated(facts.model(), replica.id()),
        model.pulse(),
        model.guard(),
        replica ->
            routed.accept(
                new RoutedFrame.Routed(
                    replica.id(),
                    replica.state().epoch(),
                    keys,
                    (float) (tokensPerKey * replica.scale().factor()))),
        (option, usage) -> {
          ratio.observe(facts.text().size(), usage.promptTokens());
          if (byText && !facts.affinityOff()) {
            option.replica().scale().observe(option.cachedTokens(), usage.cachedTokens());
          }
        },
        System::nanoTime);
  }
}
