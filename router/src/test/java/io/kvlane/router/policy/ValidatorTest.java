package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidatorTest {
  private static final String BASE = "'id':'p','priority':7,'consistency':'CP'";

  private static List<String> check(String... resources) throws InvalidResource {
    List<Content.Delta> records = new ArrayList<>();
    for (String text : resources) {
      String[] parts = text.split(" ", 2);
      Kind kind = Kind.ofCollection(parts[0]).orElseThrow();
      Resource resource = ResourceJson.read(kind, Samples.json(parts[1]));
      records.add(new Content.Delta(resource.key(), ResourceJson.text(resource)));
    }
    return new Validator(() -> Samples.REGIONS)
        .check(Content.EMPTY.replay(1, records)).stream()
            .map(f -> f.key() + " " + f.error().path() + " " + f.error().message())
            .toList();
  }

  private static List<String> checkPolicy(String json) throws InvalidResource {
    return check("policies " + Samples.DEFAULT, "policies " + json.replace("BASE", BASE));
  }

  @Test
  void check_policyThatUsesEverything_isValid() throws Exception {
    assertThat(
            checkPolicy(
                """
                {'id':'p','priority':7,'consistency':'AP','regionOrder':['eu'],
                 'residency':{'allowedRegions':['eu','us']},'hedge':{'maxExtraPercent':5},
                 'match':{'modelGlob':'llama-*','headers':{'x-team':'*'}},
                 'quota':{'limit':10,'hard':true,'unit':'MICRO_USD','window':'DAY'},
                 'partition':{'onPartition':'SERVE_LOCAL_SHARE','maxStalenessMs':0,
                              'maxOvershoot':0.1}}
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @DisplayName("CAP-1: AP states its bound, and a hard quota needs one")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'id':'p','priority':7,'consistency':'AP'}                              | /partition
          {'id':'p','priority':7,'consistency':'AP','partition':{'maxStalenessMs':1,'maxOvershoot':0}} | /partition/onPartition
          {'id':'p','priority':7,'consistency':'AP','partition':{'onPartition':'REJECT','maxOvershoot':0}} | /partition/maxStalenessMs
          {'id':'p','priority':7,'consistency':'AP','quota':{'limit':1,'hard':true},'partition':{'onPartition':'SERVE_STALE','maxStalenessMs':1}} | /partition/maxOvershoot a hard quota
          {'id':'p','priority':7,'consistency':'AP','partition':{'onPartition':'SERVE_STALE','maxStalenessMs':1,'maxOvershoot':1.5}} | /partition/maxOvershoot 1.5
          {'id':'p','priority':7,'consistency':'AP','partition':{'onPartition':'SERVE_STALE','maxStalenessMs':0,'maxOvershoot':0}} | /partition/maxStalenessMs
          {BASE,'partition':{'onPartition':'REJECT'}}                             | /partition only AP
          {BASE,'quota':{'hard':true}}                                            | /quota/hard
          """)
  void check_sideOfTheCapChoice_isContradictory(String json, String finding) throws Exception {
    assertThat(checkPolicy(json)).hasSize(1).first().asString().startsWith("policies/p " + finding);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {BASE,'regionOrder':['eu','mars']}          | /regionOrder/1 unknown region
          {BASE,'regionOrder':['eu','eu']}            | /regionOrder/1 the region is named twice
          {BASE,'residency':{'allowedRegions':['x']}} | /residency/allowedRegions/0 unknown region
          {BASE,'regionOrder':['us'],'residency':{'allowedRegions':['eu']}} | /regionOrder/0 residency
          {BASE,'retry':{'maxAttempts':11}}            | /retry/maxAttempts
          {BASE,'retry':{'budgetPercent':50.1}}       | /retry/budgetPercent
          {BASE,'hedge':{'maxExtraPercent':5.5}}      | /hedge/maxExtraPercent
          {BASE,'hedge':{'maxExtraPercent':1},'retry':{'maxAttempts':1}} | /hedge/maxExtraPercent
          {BASE,'timeLimits':{'firstByteMs':2000,'answerMs':1000}} | /timeLimits/firstByteMs
          {BASE,'timeLimits':{'idleMs':0}}            | /timeLimits/idleMs
          {BASE,'match':{'headers':{'X-Team':'a'}}}   | /match/headers/X-Team
          {BASE,'match':{'tenant':''}}                | /match/tenant
          {BASE,'description':'a\\u0000b'}            | /description
          """)
  void check_policyIsImpossible_saysWhere(String json, String finding) throws Exception {
    assertThat(checkPolicy(json)).hasSize(1).first().asString().startsWith("policies/p " + finding);
  }

  @Test
  void check_namesThatAreNoNames_areRefused() throws Exception {
    for (String id : List.of("", "P", "1p", "a/b", "a".repeat(64), "ä")) {
      assertThat(checkPolicy("{'id':'" + id + "','priority':7,'consistency':'CP'}"))
          .as(id)
          .anyMatch(finding -> finding.contains("/id expected"));
    }
  }

  @Test
  void check_samePriority_namesBoth() throws Exception {
    assertThat(
            check(
                "policies " + Samples.DEFAULT,
                "policies {" + BASE + "}",
                "policies {'id':'q','priority':7,'consistency':'CP'}"))
        .containsExactly(
            "policies/p /priority another policy has this priority",
            "policies/q /priority another policy has this priority");
  }

  @Test
  void check_defaultPolicy_mustStayMatchAllAndComeLast() throws Exception {
    assertThat(check("policies {" + BASE + "}")).singleElement().asString().contains("must stay");
    assertThat(
            check(
                "policies {'id':'default','priority':3,'consistency':'CP'}",
                "policies {" + BASE + "}"))
        .singleElement()
        .asString()
        .contains("must come last");
    assertThat(
            check(
                "policies {'id':'default','priority':3,'consistency':'CP','match':{'tenant':'a'}}"))
        .singleElement()
        .asString()
        .contains("must match everything");
  }

  @Test
  void check_policyAndTenantHaveNoRegionInCommon_isRefused() throws Exception {
    assertThat(
            check(
                "policies " + Samples.DEFAULT,
                "policies {"
                    + BASE
                    + ",'match':{'tenant':'acme'},"
                    + "'residency':{'allowedRegions':['us']}}",
                "tenants {'id':'acme','allowedRegions':['eu','ap']}"))
        .singleElement()
        .asString()
        .startsWith("policies/p /residency/allowedRegions the tenant");
  }

  @Test
  void check_fallbacks_mustExistAndEnd() throws Exception {
    assertThat(
            check(
                "policies " + Samples.DEFAULT,
                "pools {'id':'a','model':'A','fallbackPool':'b'}",
                "pools {'id':'b','model':'B','fallbackPool':'c'}",
                "pools {'id':'c','model':'C','fallbackPool':'b'}",
                "pools {'id':'d','model':'C','fallbackPool':'e'}"))
        .containsExactlyInAnyOrder(
            "pools/b /fallbackPool the fallbacks lead back to this pool",
            "pools/c /fallbackPool the fallbacks lead back to this pool",
            "pools/d /fallbackPool there is no such pool",
            "pools/d /model another pool serves this model");
  }
}
