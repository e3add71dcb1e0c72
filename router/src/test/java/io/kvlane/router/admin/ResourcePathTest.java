package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.locality.log.DrainState.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcePathTest {
  @ParameterizedTest
  @CsvSource({
    "/admin/v1/replicas/gpu-1:drain, REPLICA, gpu-1, DRAIN",
    "/admin/v1/pools/org%2Fmodel:evacuate, POOL, org/model, EVACUATE",
    "/admin/v1/pools/llama3:8b:resume, POOL, llama3:8b, RESUME",
    "/admin/v1/pools/a+b%20c:drain, POOL, a+b c, DRAIN",
    "/admin/v1/regions/eu-west:drain, REGION, eu-west, DRAIN"
  })
  void of_post_namesTargetAndAction(String path, Kind kind, String name, Action action) {
    ResourcePath read = ResourcePath.of(path, true);

    assertThat(read.kind()).isEqualTo(kind);
    assertThat(read.name()).isEqualTo(name);
    assertThat(read.action()).isEqualTo(action);
  }

  @Test
  void of_get_takesColonsAsPartOfTheName() {
    assertThat(ResourcePath.of("/admin/v1/pools/llama3:8b", false).name()).isEqualTo("llama3:8b");
    assertThat(ResourcePath.of("/admin/v1/pools", false).name()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/admin/v2/replicas/a:drain",
        "/admin/v1/engines/a:drain",
        "/admin/v1/replicas/a:explode",
        "/admin/v1/pools/org/model:drain",
        "/admin/"
      })
  void of_whatDoesNotExist_isNotFound(String path) {
    assertThatThrownBy(() -> ResourcePath.of(path, true))
        .isInstanceOfSatisfying(AdminException.class, e -> assertThat(e.status()).isEqualTo(404));
  }

  @Test
  void of_badEncoding_isInvalid() {
    assertThatThrownBy(() -> ResourcePath.of("/admin/v1/pools/a%zz:drain", true))
        .isInstanceOfSatisfying(AdminException.class, e -> assertThat(e.status()).isEqualTo(400));
  }
}
