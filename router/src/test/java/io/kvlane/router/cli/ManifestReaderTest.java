package io.kvlane.router.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReaderTest {
  private static final String GOOD =
      """
      # ours
      kind: Policy
      id: chat
      priority: 10
      consistency: CP
      match:
        modelGlob: "chat-*"
      regionOrder: [eu, us]
      spill: {enabled: true, maxLoadFactor: 1.5}
      ---
      kind: Tenant
      id: acme
      """;

  @TempDir private Path folder;

  private Path write(String name, String yaml) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, yaml);
  }

  private String refusal() {
    Failure failure = catchThrowableOfType(Failure.class, () -> ManifestReader.read(folder));
    assertThat(failure).isNotNull();
    assertThat(failure.status()).isEqualTo(Failure.REFUSED);
    return String.valueOf(failure.getMessage()).replace(folder + "/", "");
  }

  @Test
  void directory_isReadInTheOrderOfItsFilesAndDocuments() throws Exception {
    write("b/more.yml", "{kind: Pool, id: big, model: m}");
    write("a.yaml", GOOD);
    write(".git/config.yaml", "not: ours");
    write("notes.txt", "not ours");

    List<Manifest> found = ManifestReader.read(folder);

    assertThat(found)
        .extracting(Manifest::name)
        .containsExactly("policies/chat", "tenants/acme", "pools/big");
    assertThat(found.getFirst().fields())
        .hasToString(
            "{\"id\":\"chat\",\"priority\":10,\"consistency\":\"CP\",\"match\":{\"modelGlob\":"
                + "\"chat-*\"},\"regionOrder\":[\"eu\",\"us\"],\"spill\":{\"enabled\":true,"
                + "\"maxLoadFactor\":1.5}}");
  }

  @Test
  void file_aloneIsReadToo() throws Exception {
    assertThat(ManifestReader.read(write("a.yaml", GOOD))).hasSize(2);
  }

  @Test
  void place_isTheLineOfTheFieldOrOfTheNearestThatTheFileHas() throws Exception {
    Manifest policy = ManifestReader.read(write("a.yaml", GOOD)).getFirst();

    assertThat(policy.place("/match/modelGlob")).endsWith("a.yaml:7: /match/modelGlob");
    assertThat(policy.place("/match/tenant")).endsWith("a.yaml:6: /match/tenant");
    assertThat(policy.place("/regionOrder/1")).endsWith("a.yaml:8: /regionOrder/1");
    assertThat(policy.place("/retry/maxAttempts")).endsWith("a.yaml:2: /retry/maxAttempts");
    assertThat(policy.place("")).endsWith("a.yaml:2");
  }

  @Test
  void everythingWrong_isSaidAtOnceWithFileAndLine() throws Exception {
    write("a.yaml", "kind: Policy\nid: Chat\n---\nkind: Polcy\nid: x\n---\n- 1\n");
    write("b.yaml", "kind: Tenant\nid: acme\n");
    write("c.yaml", "# again\nkind: Tenant\nid: acme\n");
    write("d.yaml", "kind: Pool\nid: p\nmodel: m\nmodel: n\n");
    write("e.yaml", "kind: Pool\nid: p\nmodel: [\n");
    write("f.yaml", "kind: Pool\nid: p\nmodel: &m x\ndescription: *m\n");

    assertThat(refusal().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("a.yaml:2: /id: (expected: at most 63"),
            line ->
                assertThat(line)
                    .isEqualTo("a.yaml:4: /kind: (expected: one of Policy, Pool, Tenant)"),
            line ->
                assertThat(line).isEqualTo("a.yaml:7: a value (expected: fields of a resource)"),
            line -> assertThat(line).isEqualTo("c.yaml:2: tenants/acme is in b.yaml:1 already"),
            line -> assertThat(line).isEqualTo("d.yaml:4: /model: occurs twice"),
            line -> assertThat(line).matches("e\\.yaml:\\d+: not valid YAML: .*"),
            line ->
                assertThat(line)
                    .isEqualTo("f.yaml:4: /description: an alias (expected: the value itself)"));
  }

  @Test
  void directory_withoutResources_isRefused() throws Exception {
    write("a.yaml", "# nothing\n");

    assertThat(refusal()).contains("no resources");
  }

  @Test
  void file_thatIsNotUtf8_isRefused() throws Exception {
    Files.write(folder.resolve("a.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff, (byte) 0xfe});

    assertThat(refusal()).isEqualTo("a.yaml: cannot be read (expected: UTF-8)");
  }

  @Test
  void mangledYaml_isReadOrRefusedWithALine() throws Exception {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    String signs = "{}[]:,-&*!|>'\"%@`#?~<0x1e.\n\t \u0000\u0007é";
    for (int i = 0; i < 3_000; i++) {
      var text = new StringBuilder(GOOD);
      for (int n = random.nextInt(1, 6); n > 0; n--) {
        int at = random.nextInt(text.length());
        String sign = "" + signs.charAt(random.nextInt(signs.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.replace(at, at + 1, sign);
          case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(1, 20)));
          default -> text.insert(at, sign);
        }
      }
      write("a.yaml", text.toString());
      try {
        ManifestReader.read(folder);
      } catch (Failure e) {
        String told = "seed %d, round %d: %s\n%s".formatted(seed, i, e.getMessage(), text);
        assertThat(e.getMessage()).as(told).matches("(?s).*(a\\.yaml:\\d+: .*|no resources.*)");
      } catch (RuntimeException e) {
        throw new AssertionError("seed %d, round %d:\n%s".formatted(seed, i, text), e);
      }
    }
  }
}
