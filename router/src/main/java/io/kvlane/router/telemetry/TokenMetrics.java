package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Route;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts tokens: what caches saved, by place and by tenant, and where the reuse went. Ratios are
 * quotients of these sums, never means of ratios. Meters are found by three look-ups a request.
 * Safe for any thread.
 */
final class TokenMetrics {
  private static final double MICROS = 1e6;

  private final MeterRegistry registry;
  private final Map<Place, PlaceMeters> places = new ConcurrentHashMap<>();
  private final Map<Owner, OwnerMeters> owners = new ConcurrentHashMap<>();
  private final Map<String, ModelMeters> models = new ConcurrentHashMap<>();

  private record Place(String model, String region, String replica) {}

  private record Owner(String model, String tenant) {}

  /** Tokens of prompts whose engine said what was cached. */
  private final class Prompts {
    private final Counter prompt;
    private final Counter predicted;
    private final Counter reported;

    Prompts(String prefix, Tags tags) {
      prompt =
          counter(
              prefix + "prompt.tokens",
              "Tokens of prompts whose engine said what was cached",
              tags);
      predicted =
          counter(
              prefix + "cached.tokens.predicted",
              "Of these, tokens that routing believed to be cached",
              tags);
      reported =
          counter(
              prefix + "cached.tokens.reported",
              "Of these, tokens that the engine took from its cache",
              tags);
    }

    void add(Route.Usage usage, int selected) {
      prompt.increment(usage.promptTokens());
      predicted.increment(selected);
      reported.increment(usage.cachedTokens());
    }
  }

  private final class PlaceMeters {
    private final Prompts prompts;
    private final Counter output;

    PlaceMeters(Place of) {
      Tags tags = Tags.of("model", of.model, "served_in", of.region, "replica", of.replica);
      prompts = new Prompts("kvlane.", tags);
      output = counter("kvlane.output.tokens", "Tokens generated", tags);
    }
  }

  private final class OwnerMeters {
    private final Prompts prompts;
    private final Counter saved;

    OwnerMeters(Owner of) {
      Tags tags = Tags.of("model", of.model, "tenant", of.tenant);
      prompts = new Prompts("kvlane.tenant.", tags);
      saved =
          counter("kvlane.saved.usd", "Money that cached tokens saved, by the price table", tags);
    }
  }

  /** prompt = workload + losses + selected, and delivered = selected - false hits + misses. */
  private final class ModelMeters {
    private final DistributionSummary input;
    private final DistributionSummary output;
    private final Counter unreported;
    private final Counter reusable;
    private final Counter selected;
    private final Counter delivered;
    private final Counter workload;
    private final Map<Reuse.Loss, Counter> lost = new EnumMap<>(Reuse.Loss.class);
    private final Counter falseHits;
    private final Counter falseMisses;

    ModelMeters(String model) {
      Tags tags = Tags.of("model", model);
      input = usage(model, "input");
      output = usage(model, "output");
      unreported =
          counter("kvlane.unreported", "Answers whose engine did not say what was cached", tags);
      reusable = stage(tags, "reusable");
      selected = stage(tags, "selected");
      delivered = stage(tags, "delivered");
      workload = lost(tags, "workload");
      for (Reuse.Loss loss : Reuse.Loss.values()) {
        lost.put(loss, lost(tags, loss.word()));
      }
      falseHits = error(tags, "false_hit");
      falseMisses = error(tags, "false_miss");
    }

    private Counter stage(Tags tags, String stage) {
      return counter(
          "kvlane.reuse.tokens",
          "Tokens of prompts that could be reused, were selected for it, and were delivered",
          tags.and("stage", stage));
    }

    private Counter lost(Tags tags, String reason) {
      return counter(
          "kvlane.reuse.lost.tokens",
          "Tokens of prompts that were not selected for reuse, by why",
          tags.and("reason", reason));
    }

    private Counter error(Tags tags, String kind) {
      return counter(
          "kvlane.index.error.tokens",
          "Tokens by which the engine's word differed from what routing believed",
          tags.and("kind", kind));
    }

    void add(Route.Usage usage, Reuse reuse, int chosen) {
      int best = Math.max(chosen, Math.min(reuse.reusable(), usage.promptTokens()));
      reusable.increment(best);
      selected.increment(chosen);
      delivered.increment(usage.cachedTokens());
      workload.increment(usage.promptTokens() - best);
      Counter why = lost.get(reuse.loss());
      if (why != null) {
        why.increment(best - chosen);
      }
      int difference = usage.cachedTokens() - chosen;
      (difference < 0 ? falseHits : falseMisses).increment(Math.abs(difference));
    }
  }

  TokenMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * @param model the request's, as a label
   * @param tenant the request's, as a label
   * @param savedMicroUsd what the cached tokens of its prompt saved
   */
  void finished(Finished request, String model, String tenant, double savedMicroUsd) {
    if (request.status() >= 300) {
      return;
    }
    Route.Usage usage = request.usage();
    ModelMeters all = models.computeIfAbsent(model, ModelMeters::new);
    record(all.input, usage.promptTokens());
    record(all.output, usage.outputTokens());
    if (request.forwarded()) {
      return; // the region where it came from counts it
    }
    PlaceMeters place =
        places.computeIfAbsent(
            new Place(model, request.region(), request.replica()), PlaceMeters::new);
    place.output.increment(Math.max(0, usage.outputTokens()));
    if (usage.promptTokens() < 0 || usage.cachedTokens() < 0) {
      all.unreported.increment();
      return;
    }
    OwnerMeters owner = owners.computeIfAbsent(new Owner(model, tenant), OwnerMeters::new);
    int selected = Math.min(request.reuse().selected(), usage.promptTokens());
    place.prompts.add(usage, selected);
    owner.prompts.add(usage, selected);
    owner.saved.increment(savedMicroUsd / MICROS);
    all.add(usage, request.reuse(), selected);
  }

  private static void record(DistributionSummary summary, int tokens) {
    if (tokens >= 0) {
      summary.record(tokens);
    }
  }

  private Counter counter(String meter, String description, Tags tags) {
    return Counter.builder(meter).description(description).tags(tags).register(registry);
  }

  /** TRC-5. */
  private DistributionSummary usage(String model, String type) {
    return DistributionSummary.builder("gen_ai.client.token.usage")
        .description("Tokens of prompts and of answers")
        .tags("gen_ai.request.model", model, "gen_ai.token.type", type)
        .serviceLevelObjectives(Buckets.TOKENS)
        .register(registry);
  }
}
