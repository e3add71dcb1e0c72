package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.admission.CacheGuard;
import io.kvlane.locality.decision.PoolPulse;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Policy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ElsewhereTest {
  private final List<String> learnedOf = new ArrayList<>();
  private Elsewhere elsewhere;

  @BeforeEach
  void start() throws Exception {
    var config = new ConfigLoader(Map.of()).parse("test", "pools: [{model: m, keySpace: text}]");
    var registry = new SimpleMeterRegistry();
    var settings = new PoolSettings(config, Policies.of(Policy.DEFAULTS));
    Fleet fleet = new Fleet(4, System::nanoTime);
    Drains drains =
        new Drains(
            "us-east",
            new ConcurrentHashMap<>(),
            registry,
            System::nanoTime,
            System::currentTimeMillis);
    Pools pools =
        new Pools(settings, fleet, drains, model -> new PoolPulse(), () -> 1, System::nanoTime);
    ResidencyAudit residency = new ResidencyAudit(registry);
    elsewhere =
        new Elsewhere(
            "us-east",
            settings,
            fleet,
            drains,
            pools,
            this::learned,
            new RegionChoice(List::of, null, residency, System::nanoTime),
            new Answers("us-east", residency));
  }

  private Learned learned(String model) {
    learnedOf.add(model);
    return new Learned(() -> CacheGuard.When.NEVER, () -> 0, System::nanoTime);
  }

  private RoutingException.Reason refusal(String model, @Nullable Set<String> regions) {
    var facts =
        new RequestFacts(
            model,
            "",
            Blocks.text(128).build(),
            null,
            -1,
            null,
            false,
            false,
            regions,
            Policy.DEFAULTS);
    return ((RoutingException) elsewhere.route(facts).cause()).reason();
  }

  @Test
  void route_noReplica_saysWhy() {
    assertThat(refusal("m", null)).isEqualTo(RoutingException.Reason.NO_HEALTHY_REPLICA);
    assertThat(refusal("m", Set.of("eu-west")))
        .isEqualTo(RoutingException.Reason.NO_ALLOWED_REGION);
  }

  @Test
  void route_nameThatNobodyKnows_keepsNothingOfIt() {
    assertThat(refusal("made-up", null)).isEqualTo(RoutingException.Reason.UNKNOWN_MODEL);
    assertThat(learnedOf).isEmpty();
  }
}
