package io.kvlane.router.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvlane.locality.admission.CacheGuard;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
  private static RouterConfig parse(String yaml) throws ConfigException {
    return new ConfigLoader(Map.of()).parse("router.yaml", yaml);
  }

  private static RouterConfig parse(String yaml, String variable, String value)
      throws ConfigException {
    return new ConfigLoader(Map.of(variable, value)).parse("router.yaml", yaml);
  }

  private static String withPool() {
    return ConfigLoader.reference()
        .replace("pools: []", "")
        .replace("\n  regions: []", "")
        .replace("\n  prices: []", "")
        .replace("\ntenants: []", "")
        .replace("\n  keys: []\n#|", "\n#|")
        .replace("#|", "");
  }

  @Test
  void reference_loaded_equalsTheDefaults() throws ConfigException {
    assertThat(parse(ConfigLoader.reference())).isEqualTo(RouterConfig.DEFAULTS);
    assertThat(parse("")).isEqualTo(RouterConfig.DEFAULTS);
  }

  @Test
  void reference_pool_equalsTheDefaults() throws ConfigException {
    var pool = parse(withPool()).pools().getFirst();

    assertThat(pool).isEqualTo(parse("pools: [{model: kvlane-demo}]").pools().getFirst());
    assertThat(pool.keySpace()).isEqualTo(RouterConfig.Keys.TOKENS);
    assertThat(pool.guardCaches()).isEqualTo(CacheGuard.When.AFTER_LOSS);
  }

  @Test
  void reference_namesEveryKeyAndNoOther() throws ConfigException {
    Set<String> inFile = new TreeSet<>();
    collect("", new YamlReader("reference").read(withPool()), inFile);
    Set<String> inRecords = new TreeSet<>();
    collect("", RouterConfig.class, inRecords);

    assertThat(inFile).isEqualTo(inRecords);
  }

  private static void collect(String path, Node node, Set<String> into) {
    switch (node) {
      case Node.Mapping mapping ->
          mapping.fields().forEach((key, value) -> collect(path + '.' + key, value, into));
      case Node.Sequence list when !list.items().isEmpty() ->
          collect(path, list.items().getFirst(), into);
      default -> into.add(path);
    }
  }

  private static void collect(String path, Class<?> type, Set<String> into) {
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> of = component.getType();
      String key = path + '.' + component.getName();
      if (component.getName().equals("pools")) {
        collect(key, RouterConfig.Pool.class, into);
      } else if (component.getName().equals("tenants") && type == RouterConfig.class) {
        collect(key, RouterConfig.Tenant.class, into);
      } else if (component.getName().equals("keys") && type == RouterConfig.Admin.class) {
        collect(key, RouterConfig.AdminKey.class, into);
      } else if (component.getName().equals("regions") && type == RouterConfig.Link.class) {
        collect(key, RouterConfig.OtherRegion.class, into);
      } else if (component.getName().equals("prices")) {
        collect(key, RouterConfig.Price.class, into);
      } else if (of.isRecord() && of != RouterConfig.Secret.class) {
        collect(key, of, into);
      } else {
        into.add(key);
      }
    }
  }

  @Test
  void parse_values_areTaken() throws ConfigException {
    var config =
        parse(
            """
            region: us-east
            listen: {port: 8101}
            limits: {maxBodyBytes: 1MiB, bodyTimeout: 500ms}
            cluster:
              members: ["127.0.0.1:5701", "127.0.0.1:5702"]
            pools:
              - model: kvlane-demo
                keySpace: text
            """);

    assertThat(config.region()).isEqualTo("us-east");
    assertThat(config.listen()).isEqualTo(new RouterConfig.Listener("127.0.0.1", 8101));
    assertThat(config.limits().maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(config.limits().bodyTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.cluster().members()).containsExactly("127.0.0.1:5701", "127.0.0.1:5702");
    assertThat(config.pool("kvlane-demo").keySpace()).isEqualTo(RouterConfig.Keys.TEXT);
    assertThat(config.pool("other")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"after_loss, AFTER_LOSS", "always, ALWAYS", "never, NEVER"})
  void parse_whenToGuardCaches_isTaken(String value, CacheGuard.When when) throws ConfigException {
    var config = parse("pools: [{model: m, guardCaches: " + value + "}]");

    assertThat(config.pools().getFirst().guardCaches()).isEqualTo(when);
  }

  @Test
  void environment_winsOverTheFile() throws ConfigException {
    assertThat(parse("listen: {port: 1}", "KVLANE_LISTEN_PORT", "2").listen().port()).isEqualTo(2);
    assertThat(parse("", "KVLANE_LIMITS_MAX_BODY_BYTES", "2KiB").limits().maxBodyBytes())
        .isEqualTo(2048);
    assertThat(parse("", "KVLANE_CLUSTER_MEMBERS_0", "a:1").cluster().members())
        .isEqualTo(List.of("a:1"));
    assertThat(
            parse("pools: [{model: m}]", "KVLANE_POOLS_0_CHUNK_BYTES", "64")
                .pools()
                .getFirst()
                .chunkBytes())
        .isEqualTo(64);
    assertThat(parse("", "KVLANE_POOLS_0_MODEL", "m").pools().getFirst().model()).isEqualTo("m");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "listen: {prot: 1}         | router.yaml:1: listen.prot: unknown key (expected: one of"
            + " host, port)",
        "listen: {port: x}         | router.yaml:1: listen.port: \"x\" (expected: a whole number"
            + " from 0 to 65535)",
        "listen: {port: 70000}     | router.yaml:1: listen.port: \"70000\" (expected: a whole"
            + " number from 0 to 65535)",
        "listen: 3                 | router.yaml:1: listen: a value (expected: keys and values)",
        "listen: {port: [1]}       | router.yaml:1: listen.port: a list (expected: a whole number"
            + " from 0 to 65535)",
        "queue: {timeout: 3}       | router.yaml:1: queue.timeout: \"3\" (expected: a duration like"
            + " 500ms or 10s, from 1ms to 1h)",
        "index: {maxBytes: 3x}     | router.yaml:1: index.maxBytes: \"3x\" (expected: a size like"
            + " 64KiB or 1GiB, from 1MiB to 1TiB)",
        "pools: [{keySpace: text}] | router.yaml:1: pools[0].model: missing (expected: a value)",
        "pools: [{model: m, keySpace: x}] | router.yaml:1: pools[0].keySpace: \"x\" (expected:"
            + " tokens or text)",
        "pools: [{model: m, guardCaches: true}] | router.yaml:1: pools[0].guardCaches: \"true\""
            + " (expected: after_loss or always or never)",
        "pools: {a: 1}             | router.yaml:1: pools: keys and values (expected: a list)",
        "routing: {allowAffinityOff: 1} | router.yaml:1: routing.allowAffinityOff: \"1\" (expected:"
            + " true or false)",
        "link: {certificate: c, trust: t} | router.yaml: link.key: missing (expected: a PEM file)",
        "link: {certificate: c, key: k, trust: t, digest: {sample: 3}} | router.yaml:"
            + " link.digest.sample: 3 (expected: a power of two)",
        "{region: r, link: {certificate: c, key: k, trust: t, regions: [{name: r}]}} |"
            + " router.yaml: link.regions[0].name: \"r\" (expected: another region, named once)",
        "link: {certificate: c, key: k, trust: t, regions: [{name: r, routers: [x]}]} |"
            + " router.yaml: link.regions[0].routers[0]: \"x\" (expected: HOST:PORT)",
        "tenants: [{name: t, regions: [r]}] | router.yaml: tenants[0].salt: missing (expected: a"
            + " secret, since regions are limited)",
        "admin: {keys: [{id: a, hash: SECRET}]} | router.yaml: admin.keys[0].hash: (expected:"
            + " SHA-256 of a key, 64 hex digits, named once)",
        "admin: {host: 0.0.0.0}    | router.yaml:1: admin.host: \"0.0.0.0\" (expected: a loopback"
            + " address, since neither admin.keys nor admin.oidc says who may use it)",
        "admin: {tls: {certificate: c}} | router.yaml:1: admin.tls.key: missing (expected: a PEM"
            + " file)",
        "admin: {oidc: {issuer: 'https://id'}} | router.yaml:1: admin.oidc.audience: missing"
            + " (expected: whom tokens are for)",
        "admin: {oidc: {issuer: 'http://id.example', audience: a}} | router.yaml:1:"
            + " admin.oidc.issuer: \"http://id.example\" (expected: https://..., or http://... on"
            + " loopback)",
        "tenants: [{name: t, keys: [x]}] | router.yaml: tenants[0].keys[0]: (expected: SHA-256 of a"
            + " key, 64 hex digits, named once)",
        "cluster: {discovery: gossip} | router.yaml:1: cluster.discovery: \"gossip\" (expected:"
            + " static or dns or kubernetes or aws)",
        "cluster: {members: [a]}   | router.yaml: cluster.members[0]: \"a\" (expected: HOST:PORT)",
        "cluster: {discovery: dns} | router.yaml: cluster.service: \"\" (expected: a name, since"
            + " discovery goes by it)",
        "cluster: {discovery: dns, service: s, members: ['a:1']} | router.yaml: cluster.members:"
            + " set (expected: nothing, unless cluster.discovery is static)",
        "cluster: {discovery: aws} | router.yaml: cluster.cell: \"\" (expected: the value of the"
            + " members' tag, without a comma)",
        "cluster: {discovery: aws, cell: c, awsRegion: here} | router.yaml: cluster.awsRegion:"
            + " \"here\" (expected: a region such as eu-west-1)",
        "a: [                      | router.yaml:1: not valid YAML",
        "- a                       | router.yaml:1: a list (expected: keys and values)"
      })
  void parse_wrong_namesKeyFileAndExpectation(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml)).isInstanceOf(ConfigException.class).hasMessage(message);
  }

  @Test
  void adminListener_isBeyondLoopbackOnlyForThoseWhoCanShowSomething() throws Exception {
    String open = "region: here\n\nadmin:\n  port: 1\n  host: 10.0.0.1\n";
    assertThatThrownBy(() -> parse(open)).hasMessageStartingWith("router.yaml:5: admin.host: ");
    for (String host : List.of("127.0.0.1", "127.8.8.8", "localhost", "'::1'", "'[::1]'")) {
      assertThat(parse("admin: {host: " + host + "}").admin().keys()).isEmpty();
    }
    String key = "  keys: [{id: ops, hash: " + "0".repeat(64) + "}]\n";
    assertThat(parse(open + key).admin().host()).isEqualTo("10.0.0.1");
    String provider = "  oidc: {issuer: 'https://id.example', audience: kvlane}\n";
    assertThat(parse(open + provider).admin().oidc().enabled()).isTrue();
  }

  @Test
  void parse_twice_namesTheLine() {
    assertThatThrownBy(() -> parse("region: a\nadmin: {}\nregion: b\n"))
        .hasMessage("router.yaml:3: region: occurs twice");
  }

  @Test
  void environment_wrong_namesTheVariable() {
    assertThatThrownBy(() -> parse("", "KVLANE_LISTEN_PORT", "x"))
        .hasMessage(
            "environment KVLANE_LISTEN_PORT: listen.port: \"x\""
                + " (expected: a whole number from 0 to 65535)");
  }

  @Test
  void load_missingFile_namesIt() {
    assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(Path.of("nowhere.yaml")))
        .hasMessageStartingWith("nowhere.yaml: cannot be read");
  }

  @Test
  void toString_secret_isNotPrinted() throws ConfigException {
    var config = parse("", "KVLANE_ENGINE_API_KEY", "hush");

    assertThat(config.engine().apiKey().value()).isEqualTo("hush");
    assertThat(config.toString()).doesNotContain("hush").contains("(secret)");
  }
}
