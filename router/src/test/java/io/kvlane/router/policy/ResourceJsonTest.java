package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceJsonTest {
  private static final String BASE = "'id':'p','priority':7,'consistency':'CP'";

  @Test
  void read_leavesOutMuch_fillsInDefaults() throws Exception {
    Policy policy = Samples.policy("{" + BASE + ",'retry':{'maxAttempts':2},'hedge':null}");
    assertThat(policy.retry())
        .isEqualTo(new Policy.Retry(2, Policy.DEFAULTS.retry().budgetPercent(), 1000));
    assertThat(policy.hedge()).isEqualTo(Policy.DEFAULTS.hedge());
    assertThat(policy.match().isAnything()).isTrue();
  }

  @Test
  void read_whatWasWritten_isTheSame() throws Exception {
    Policy policy =
        Samples.policy(
            """
            {'id':'p','priority':7,'consistency':'AP','match':{'headers':{'b':'*','a':'1'}},
             'regionOrder':['eu','us'],'quota':{'limit':5,'hard':true,'unit':'MICRO_USD'},
             'partition':{'onPartition':'SERVE_STALE','maxStalenessMs':1,'maxOvershoot':0.5}}
            """);
    String json = ResourceJson.text(policy);
    Resource again = ResourceJson.read(Kind.POLICY, ResourceJson.parse(json));
    assertThat(again).isEqualTo(policy);
    assertThat(ResourceJson.text(again)).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'id':'p','priority':7}                    | /consistency          | missing
          {'id':'p','consistency':'CP'}              | /priority             | missing
          {BASE,'priorty':3}                         | /priorty              | unknown field
          {BASE,'match':{'model':'x'}}               | /match/model          | unknown field
          {BASE,'match':5}                           | /match                | expected an object
          {BASE,'priority':'7'}                      | /priority             | whole number
          {BASE,'priority':7.5}                      | /priority             | whole number
          {BASE,'priority':70000000000}              | /priority             | out of range
          {BASE,'description':7}                     | /description          | a text
          {BASE,'crossRegion':'SOMETIMES'}           | /crossRegion          | NEVER, WORTH, NEAREST
          {BASE,'crossRegion':1}                     | /crossRegion          | unknown value
          {BASE,'regionOrder':'eu'}                  | /regionOrder          | a list
          {BASE,'regionOrder':['eu',{}]}             | /regionOrder/1        | a text
          {BASE,'regionOrder':[null]}                | /regionOrder/0        | null
          {BASE,'residency':{'allowedRegions':[1]}}  | /residency/allowedRegions/0 | a text
          {BASE,'match':{'headers':{'x~/y':1}}}      | /match/headers/x~0~1y | a text
          {BASE,'failover':{'otherRegions':'yes'}}   | /failover/otherRegions | true or false
          []                                         | ''                    | not an object
          """)
  void read_isWrong_namesThePath(String json, String path, String message) {
    String text =
        json.replace("BASE", BASE)
            .replace("'priority':7,'consistency':'CP','priority'", "'consistency':'CP','priority'");
    assertThatExceptionOfType(InvalidResource.class)
        .isThrownBy(() -> ResourceJson.read(Kind.POLICY, Samples.json(text)))
        .satisfies(
            e -> {
              FieldError error = e.errors().getFirst();
              assertThat(error.path()).isEqualTo(path.equals("''") ? "" : path);
              assertThat(error.message()).contains(message);
            });
  }

  @Test
  void parse_isNoJson_isRefused() {
    String deep = "[".repeat(100) + "]".repeat(100);
    for (String text : List.of("", "{", "{'a':1,'a':2}", "{} {}", "nope", deep, "{'a':NaN}")) {
      assertThatThrownBy(() -> ResourceJson.parse(text.replace('\'', '"')))
          .as(text)
          .isInstanceOf(InvalidResource.class);
    }
  }

  @Test
  void read_manglesBytes_neverFailsOtherwise() {
    String good = ResourceJson.text(Policy.DEFAULTS);
    long seed = 20_261_124;
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder(good);
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, "{}[]\",:0a-.".charAt(random.nextInt(11)));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, random.nextInt(10));
        }
      }
      try {
        Resource read = ResourceJson.read(Kind.POLICY, ResourceJson.parse(text.toString()));
        assertThat(read.id()).isNotNull();
      } catch (InvalidResource e) {
        assertThat(e.errors()).as("seed %d, %s", seed, text).isNotEmpty();
      }
    }
  }

  @Test
  void patched_setsAndRemoves() throws Exception {
    Policy policy = Samples.policy("{" + BASE + ",'description':'old','spill':{'maxWaitMs':5}}");
    var tree =
        ResourceJson.patched(
            policy, Samples.json("{'description':null,'spill':{'enabled':false}}"));
    Policy patched = (Policy) ResourceJson.read(Kind.POLICY, tree);
    assertThat(patched.description()).isEmpty();
    assertThat(patched.spill()).isEqualTo(new Policy.Spill(false, 5, 4.0));
  }
}
