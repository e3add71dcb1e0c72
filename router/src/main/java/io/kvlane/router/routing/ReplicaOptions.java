package io.kvlane.router.routing;

import io.kvlane.locality.log.RoutedFrame;
import java.util.function.Consumer;

/**
 * Gives the options of a request what they have in common: what becomes of it is told to all who
 * learn from it. Safe for any thread.
 */
final class ReplicaOptions {
  private final String region;
  private final Drains drains;
  private final Consumer<RoutedFrame.Routed> routed;

  /**
   * @param region this region's name
   * @param routed told of each attempt's prompt, for the region's other routers
   */
  ReplicaOptions(String region, Drains drains, Consumer<RoutedFrame.Routed> routed) {
    this.region = region;
    this.drains = drains;
    this.routed = routed;
  }

  /**
   * What all options of a request have in common.
   *
   * @param model of the request; learns from what becomes of it
   * @param msPerToken prefill time that the decision assumes
   */
  ReplicaOption.Shared shared(Prompt prompt, Learned model, double msPerToken) {
    RequestFacts facts = prompt.facts();
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
