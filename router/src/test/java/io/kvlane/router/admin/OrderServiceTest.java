package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.HazelcastInstanceNotActiveException;
import io.kvlane.locality.log.DrainState;
import io.kvlane.router.policy.AuditNote;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.routing.Operations;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OrderServiceTest {
  private static final ApiKey CALLER =
      new ApiKey("olga", "", ApiKey.Role.OPERATOR, Set.of(), Set.of(), Instant.MAX);

  private final List<AuditNote> notes = new ArrayList<>();

  /** Orders a region to drain, from operations that answer so. */
  private Future<ApiAnswer> drain(Future<Void> given) {
    var operations =
        new Operations() {
          @Override
          public List<ReplicaReport> replicas() {
            return List.of();
          }

          @Override
          public List<PoolReport> pools() {
            return List.of();
          }

          @Override
          public List<RegionReport> regions() {
            return List.of();
          }

          @Override
          public double duplicates() {
            return 0;
          }

          @Override
          public int holders(long blockKey) {
            return 0;
          }

          @Override
          public List<RegionFleet> fleet() {
            return List.of();
          }

          @Override
          public Future<Void> give(DrainState.Kind kind, String name, DrainState.Action action) {
            return given;
          }
        };
    var told = new Notes(notes::add, "eu/router-1", InstantSource.fixed(Instant.EPOCH));
    var service = new OrderService("eu", Policies.of(Policy.DEFAULTS), operations, told);
    var operation =
        new Operation(
            "orderRegion", "POST", Pattern.compile(""), ApiKey.Role.OPERATOR, List.of(), "", null);
    var call =
        new ApiCall(
            operation,
            "POST /admin/v1/regions/eu:drain",
            CALLER,
            Map.of("id", "eu", "action", "drain"),
            Map.of(),
            MultiMap.caseInsensitiveMultiMap(),
            null);
    return service.give(call, DrainState.Kind.REGION);
  }

  @Test
  @DisplayName("ADM-7: an order is in the audit log")
  void order_given_isNoted() {
    drain(Future.succeededFuture());

    assertThat(notes).extracting(AuditNote::outcome).containsExactly("DONE");
    assertThat(notes.getFirst().actor()).isEqualTo("olga");
    assertThat(notes.getFirst().action()).isEqualTo("POST /admin/v1/regions/eu:drain");
    assertThat(notes.getFirst().router()).isEqualTo("eu/router-1");
  }

  @Test
  @DisplayName("ADM-7: so is one of which nobody knows whether it was carried out")
  void order_broken_isNotedAsUnknown() {
    assertThat(drain(Future.failedFuture(new HazelcastInstanceNotActiveException())).failed())
        .isTrue();

    assertThat(notes).extracting(AuditNote::outcome).containsExactly("UNKNOWN");
  }
}
