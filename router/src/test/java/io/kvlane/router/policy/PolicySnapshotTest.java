package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicySnapshotTest {
  private static PolicySnapshot snapshot(String... policies) {
    State state = Samples.state(policies);
    return new PolicySnapshot(state.revision(), state.content());
  }

  private static RouteFacts facts(String model, String tenant, Map<String, String> headers) {
    return new RouteFacts(model, tenant, "/v1/chat/completions", headers::get);
  }

  @Test
  void resolve_firstMatchByPriority_tellsWhy() {
    PolicySnapshot snapshot =
        snapshot(
            "{'id':'a','priority':30,'consistency':'CP','match':{'tenant':'acme'}}",
            "{'id':'b','priority':20,'consistency':'CP','match':{'modelGlob':'llama-*',"
                + "'tenant':'acme'}}",
            "{'id':'c','priority':10,'consistency':'CP','match':{'headers':{'x-team':'red*'}}}",
            "{'id':'d','priority':5,'consistency':'CP','match':{'route':'/v1/messages'}}");
    Resolution resolution = snapshot.resolve(facts("gpt", "acme", Map.of("x-team", "blue")));
    assertThat(resolution.policy().id()).isEqualTo("a");
    assertThat(resolution.steps())
        .containsExactly(
            new Resolution.Step("d", 5, "match.route"),
            new Resolution.Step("c", 10, "match.headers.x-team"),
            new Resolution.Step("b", 20, "match.modelGlob"),
            new Resolution.Step("a", 30, "matched"));
    assertThat(snapshot.policy(facts("gpt", "acme", Map.of())).id()).isEqualTo("a");
    assertThat(snapshot.policy(facts("llama-3", "acme", Map.of())).id()).isEqualTo("b");
    assertThat(snapshot.policy(facts("x", "y", Map.of("x-team", "red-1"))).id()).isEqualTo("c");
    assertThat(snapshot.policy(facts("x", "y", Map.of())).id()).isEqualTo("default");
  }

  @Test
  void policy_byWhatIsKnownOfHeaders_isTheSameOrNotSaid() {
    PolicySnapshot then =
        snapshot("{'id':'a','priority':1,'consistency':'CP','match':{'headers':{'x-t':'red*'}}}");
    KnownHeaders red = then.known(Map.of("x-t", "red-1")::get);
    KnownHeaders blue = then.known(Map.of("x-t", "blue")::get);
    KnownHeaders none = then.known(name -> null);
    PolicySnapshot other =
        snapshot("{'id':'b','priority':1,'consistency':'CP','match':{'headers':{'x-t':'blu*'}}}");
    PolicySnapshot any =
        snapshot("{'id':'c','priority':1,'consistency':'CP','match':{'headers':{'x-t':'*'}}}");

    assertThat(found(then, red)).isEqualTo("a");
    assertThat(found(then, blue)).isEqualTo("default");
    assertThat(found(other, red)).isEqualTo("undecided");
    assertThat(found(other, none)).isEqualTo("default"); // what is not there matches nothing
    assertThat(found(any, blue)).isEqualTo("c");
    assertThat(found(any, KnownHeaders.NONE)).isEqualTo("undecided");
    assertThat(red.toString()).doesNotContain("red-1");
  }

  private static String found(PolicySnapshot snapshot, KnownHeaders headers) {
    return snapshot.policy("m", "t", "/v1/x", headers).map(Policy::id).orElse("undecided");
  }

  @ParameterizedTest
  @CsvSource({
    "*,'',true",
    "*,abc,true",
    "abc,abc,true",
    "abc,abcd,false",
    "a*c,abbc,true",
    "a*c,ab,false",
    "*b*,abc,true",
    "a*b*c,axbxbxc,true",
    "a*b*c,axcxb,false",
    "'',a,false",
    "**,x,true"
  })
  void glob_starStandsForAnyText(String pattern, String text, boolean matches) {
    assertThat(Glob.matches(pattern, text)).isEqualTo(matches);
  }
}
