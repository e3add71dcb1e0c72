package io.kvlane.router.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvlane.locality.admission.CacheGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What terraform/modules/router-config writes is what the router reads. Skipped without Terraform.
 */
class TerraformConfigTest {
  private static final Path MODULE = Path.of("../terraform/modules/router-config");

  @TempDir private Path folder;

  @BeforeEach
  void terraformIsInstalled() {
    boolean installed =
        List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "terraform")));
    assumeTrue(installed, "Terraform is not installed");
  }

  @Test
  void yaml_ofARegionWithNothingSaid_isAccepted() throws Exception {
    RouterConfig config = load("region = \"us-east\"", Map.of());

    assertThat(config.region()).isEqualTo("us-east");
    assertThat(config.cluster().name()).isEqualTo("kvlane-us-east");
    assertThat(config.link().enabled()).isFalse();
    assertThat(config.policies().enabled()).isTrue();
    assertThat(config.sse().keepAlive()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void yaml_ofARegionWithEverythingSaid_isAccepted() throws Exception {
    String variables =
        """
        name      = "prod"
        region    = "us-east"
        router_id = "router-1"
        bind      = { clients = "0.0.0.0", admin = "0.0.0.0", link = "0.0.0.0", cluster = "10.0.0.2" }
        ports     = { clients = 8000, admin = 9000, cluster = 5700, link = 7000 }
        discovery = { type = "static", members = ["10.0.0.2:5700", "10.0.0.3:5700"] }
        peers     = { eu-west = ["10.1.0.2:7000"], ap-northeast = ["[fd00::2]:7000"] }
        link = {
          certificate = "/c.pem", key = "/run/kvlane/k.pem", trust = "/t.pem", forward = "never", failover = "listed"
          digest = { enabled = false, every = "1s", sample = 8, max_blocks = 2000, max_bytes = "32MiB" }
        }
        pools = [{
          model = "m", key_space = "text", chunk_bytes = 512, max_requests_per_replica = 9, guard_caches = "always", tokenize_timeout = "1s"
        }]
        anonymous      = false
        tenants        = [{ name = "acme", keys = ["%1$s"], regions = ["eu-west"], salt = "file:/salt" }]
        engine_api_key = "file:/engine"
        policies = {
          directory = "/policies", control = "eu-west", rollback_on_nack = false
          store = { url = "jdbc:postgresql://db/kvlane", user = "kvlane", password = "file:/password", owner = "o:9000" }
        }
        admin = {
          requests_per_second = 7
          keys = [{
            id = "ops", hash = "%1$s", role = "operator", tenants = ["acme"], regions = ["us-east"]
            expires = "2027-01-31T00:00:00Z"
          }]
          tls  = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
          oidc = { issuer = "https://id.example.com", audience = "kvlane", keys_url = "https://id.example.com/keys" }
        }
        telemetry = {
          otlp_endpoint = "https://collector/v1/traces", authorization = "file:/otlp", per_thousand = 5
          prices = [{ model = "*", prefill_micro_usd = 300000, cached_micro_usd = 30000 }]
        }
        drain_seconds          = 900
        sse_keep_alive_seconds = 15
        event_loops            = 2
        secret_files           = { "/run/kvlane/k.pem" = "file:/k" }
        extra                  = { limits = { maxBodyBytes = "16MiB" }, timeouts = { idle = "5m" } }
        """
            .formatted("ab".repeat(32));

    RouterConfig config = load(variables, Map.of("KVLANE_TENANTS_0_SALT", "salt"));

    assertThat(config.router().id()).isEqualTo("router-1");
    assertThat(config.cluster().members()).containsExactly("10.0.0.2:5700", "10.0.0.3:5700");
    assertThat(config.link().regions())
        .extracting(RouterConfig.OtherRegion::name)
        .containsExactly("ap-northeast", "eu-west");
    assertThat(config.link().digest())
        .isEqualTo(new RouterConfig.Digest(false, Duration.ofSeconds(1), 8, 2000, 32L << 20));
    assertThat(config.pools())
        .containsExactly(
            new RouterConfig.Pool(
                "m",
                RouterConfig.Keys.TEXT,
                512,
                9,
                CacheGuard.When.ALWAYS,
                new RouterConfig.Tokenize(Duration.ofSeconds(1), 1024)));
    assertThat(config.access().anonymous()).isFalse();
    assertThat(config.admin().keys())
        .containsExactly(
            new RouterConfig.AdminKey(
                "ops",
                "ab".repeat(32),
                RouterConfig.Role.OPERATOR,
                List.of("acme"),
                List.of("us-east"),
                "2027-01-31T00:00:00Z"));
    assertThat(config.policies().store())
        .isEqualTo(
            new RouterConfig.Store("jdbc:postgresql://db/kvlane", "kvlane", "/password", "o:9000"));
    assertThat(config.telemetry().traces().perThousand()).isEqualTo(5);
    assertThat(config.telemetry().prices())
        .containsExactly(new RouterConfig.Price("*", 300_000, 30_000));
    assertThat(config.limits().maxBodyBytes()).isEqualTo(16L << 20);
    assertThat(config.timeouts().drain()).isEqualTo(Duration.ofMinutes(15));
    assertThat(config.timeouts().idle()).isEqualTo(Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ type = \"aws\", aws_region = \"eu-west-1\" }",
        "{ type = \"dns\", dns_name = \"routers.internal\" }",
        "{ type = \"kubernetes\", namespace = \"llm\", service = \"routers\" }"
      })
  void yaml_ofDiscovery_isAccepted(String discovery) throws Exception {
    RouterConfig config = load("region = \"us-east\"\ndiscovery = " + discovery, Map.of());

    assertThat(discovery).containsIgnoringCase('"' + config.cluster().discovery().name() + '"');
  }

  /** The router's reading of what the module makes of those variables. */
  private RouterConfig load(String variables, Map<String, String> secrets) throws Exception {
    Path file = Files.writeString(folder.resolve("all.tfvars"), variables);
    Path state = folder.resolve("state");
    terraform("init", "-backend=false");
    terraform("apply", "-auto-approve", "-state=" + state, "-var-file=" + file);
    String yaml = terraform("output", "-raw", "-state=" + state, "yaml");
    return new ConfigLoader(secrets).parse("kvlane-router.yaml", yaml);
  }

  private String terraform(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("terraform"));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(MODULE.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("CHECKPOINT_DISABLE", "1");
    builder.environment().put("TF_CLI_CONFIG_FILE", "/dev/null");
    builder.environment().put("TF_CLI_ARGS", "-no-color");
    builder.environment().put("TF_IN_AUTOMATION", "1");
    builder.environment().put("TF_DATA_DIR", folder.resolve("data").toString());
    Process process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    String said = Files.readString(out, UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
