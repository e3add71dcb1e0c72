package io.kvlane.router.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a router of another region may say of it, whatever its version. */
class RegionStateTest {
  private static RegionState read(String json) throws IOException {
    return RegionState.read(json.replace('\'', '"').getBytes(UTF_8));
  }

  @Test
  void read_fieldsOfANewerVersion_areIgnored() throws Exception {
    RegionState state =
        read(
            "{'region':'eu','router':'eu-1','draining':true,'ticket':'t','colour':{'r':1},"
                + "'models':[{'name':'m','base':'m','replicas':3,'spare':7,'mood':'good'}],"
                + "'routers':[{'region':'eu','router':'eu-1','revision':9,'later':[1]}]}");

    assertThat(state.draining()).isTrue();
    assertThat(state.model("m").spare()).isEqualTo(7);
    assertThat(state.routers()).extracting(s -> s.revision()).containsExactly(9L);
  }

  @Test
  void read_olderVersionWithoutRouters_saysNothingOfPolicies() throws Exception {
    RegionState state =
        read("{'region':'eu','router':'eu-1','draining':false,'ticket':'t','models':[]}");

    assertThat(state.routers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "KVR",
        "{}",
        "{'region':'eu'}",
        "{'region':'eu','router':'eu-1','ticket':'t'}",
        "{'region':'eu','router':'eu-1','ticket':'t','models':{'m':1}}",
        "{'region':'eu','router':'eu-1','ticket':'t','models':[],'routers':'none'}"
      })
  void read_whatIsNoState_isRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
  }
}
