package io.kvlane.router.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.admin.AdminFixture;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What schemathesis makes of the OpenAPI document that the admin API serves. */
final class AdminContractIT {
  private static final Pattern OPERATIONS =
      Pattern.compile("Selected: (\\d+)/\\d+\\s+Tested: (\\d+)");

  @TempDir private Path folder;

  @Test
  @DisplayName("schemathesis finds no 5xx, no undocumented status and no schema violation")
  void generatedRequests_areAnsweredAsDescribed() throws Exception {
    Sdk schemathesis = Sdk.schemathesis();
    long seed = System.nanoTime() & 0x7fff_ffff;
    try (var api = new AdminFixture(folder, 1e6)) {
      Sdk.Run run =
          schemathesis.run(
              "run",
              api.url(0) + "/admin/v1/openapi.json",
              "--header",
              "Authorization: Bearer " + AdminFixture.ADMIN,
              "--exclude-path-regex", // goes on for as long as somebody reads
              "(:tail|/events)$",
              "--checks",
              "not_a_server_error,status_code_conformance,content_type_conformance,"
                  + "response_schema_conformance,response_headers_conformance",
              "--phases",
              "coverage,fuzzing",
              "--max-examples",
              "20",
              "--max-time",
              "60",
              "--seed",
              "" + seed,
              "--continue-on-failure",
              "--generation-database",
              "none",
              "--no-color");
      System.out.println(run.output());
      assertThat(run.exitCode()).as(run.output()).isZero();
      Matcher operations = OPERATIONS.matcher(run.output());
      assertThat(operations.find()).as(run.output()).isTrue();
      assertThat(operations.group(2)).isEqualTo(operations.group(1)).isNotEqualTo("0");
    }
  }
}
