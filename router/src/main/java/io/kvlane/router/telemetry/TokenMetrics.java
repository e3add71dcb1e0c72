package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Route;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts tokens: what caches saved, by place and by tenant, and where the reuse went. Ratios are
 * quotients of these sums, never means of ratios. Safe for any thread.
 */
final class TokenMetrics {
  private static final double MICROS = 1e6;

  private final MeterRegistry registry;
  private final Labels labels;
  private final Prices prices;
  private final Counters counters;
  private final Map<Tags, DistributionSummary> usages = new ConcurrentHashMap<>();

  TokenMetrics(MeterRegistry registry, Counters counters, Labels labels, Prices prices) {
    this.registry = registry;
    this.counters = counters;
    this.labels = labels;
    this.prices = prices;
  }

  /**
   * @param model the request's, as a label
   */
  void finished(Finished request, String model) {
    if (request.status() >= 300) {
      return;
    }
    Route.Usage usage = request.usage();
    usage(model, "input", usage.promptTokens());
    usage(model, "output", usage.outputTokens());
    if (request.forwarded()) {
      return; // the region where it came from counts it
    }
    Tags place =
        Tags.of("model", model, "served_in", request.region(), "replica", request.replica());
    Tags tenant = Tags.of("model", model, "tenant", labels.tenant(request.tenant()));
    add("kvlane.output.tokens", "Tokens generated", place, usage.outputTokens());
    if (usage.promptTokens() < 0 || usage.cachedTokens() < 0) {
      Tags of = Tags.of("model", model);
      add("kvlane.unreported", "Answers whose engine did not say what was cached", of, 1);
      return;
    }
    String prompt = "Tokens of prompts whose engine said what was cached";
    add("kvlane.prompt.tokens", prompt, place, usage.promptTokens());
    add("kvlane.tenant.prompt.tokens", prompt, tenant, usage.promptTokens());
    int selected = Math.min(request.reuse().selected(), usage.promptTokens());
    String predicted = "Of these, tokens that routing believed to be cached";
    add("kvlane.cached.tokens.predicted", predicted, place, selected);
    add("kvlane.tenant.cached.tokens.predicted", predicted, tenant, selected);
    String reported = "Of these, tokens that the engine took from its cache";
    add("kvlane.cached.tokens.reported", reported, place, usage.cachedTokens());
    add("kvlane.tenant.cached.tokens.reported", reported, tenant, usage.cachedTokens());
    add(
        "kvlane.saved.usd",
        "Money that cached tokens saved, by the price table",
        tenant,
        prices.savedMicroUsd(request.model(), usage.cachedTokens()) / MICROS);
    reuse(model, usage, request.reuse(), selected);
  }

  /** prompt = workload + routing + selected, and delivered = selected - false hits + misses. */
  private void reuse(String model, Route.Usage usage, Reuse reuse, int selected) {
    int reusable = Math.max(selected, Math.min(reuse.reusable(), usage.promptTokens()));
    stage(model, "reusable", reusable);
    stage(model, "selected", selected);
    stage(model, "delivered", usage.cachedTokens());
    lost(model, "workload", usage.promptTokens() - reusable);
    lost(model, reuse.loss().word(), reusable - selected);
    int difference = usage.cachedTokens() - selected;
    String kind = difference < 0 ? "false_hit" : "false_miss";
    add(
        "kvlane.index.error.tokens",
        "Tokens by which the engine's word differed from what routing believed",
        Tags.of("model", model, "kind", kind),
        Math.abs(difference));
  }

  private void stage(String model, String stage, int tokens) {
    add(
        "kvlane.reuse.tokens",
        "Tokens of prompts that could be reused, were selected for it, and were delivered",
        Tags.of("model", model, "stage", stage),
        tokens);
  }

  private void lost(String model, String reason, int tokens) {
    add(
        "kvlane.reuse.lost.tokens",
        "Tokens of prompts that were not selected for reuse, by why",
        Tags.of("model", model, "reason", reason),
        tokens);
  }

  private void add(String meter, String description, Tags tags, double amount) {
    if (amount > 0) {
      counters.add(meter, description, tags, amount);
    }
  }

  /** TRC-5. */
  private void usage(String model, String type, int tokens) {
    if (tokens < 0) {
      return;
    }
    Tags tags = Tags.of("gen_ai.request.model", model, "gen_ai.token.type", type);
    DistributionSummary summary = usages.get(tags);
    if (summary == null) {
      summary =
          usages.computeIfAbsent(
              tags,
              of ->
                  DistributionSummary.builder("gen_ai.client.token.usage")
                      .description("Tokens of prompts and of answers")
                      .tags(of)
                      .serviceLevelObjectives(Buckets.TOKENS)
                      .register(registry));
    }
    summary.record(tokens);
  }
}
