package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import io.kvlane.router.RouterFixture;
import io.kvlane.router.tls.PemFiles;
import io.kvlane.simulator.live.link.Authority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin listener of a router: TLS, and tokens of an OpenID provider. */
class AdminListenerIT {
  private static final Duration VALIDITY = Duration.ofHours(1);

  @TempDir private Path folder;

  private final Authority authority = new Authority("test", VALIDITY);

  private void issue() throws IOException {
    authority.issueAddress(
        "127.0.0.1", VALIDITY, folder.resolve("crt.pem"), folder.resolve("key.pem"));
  }

  private String tls() throws IOException {
    issue();
    authority.writeTrust(folder.resolve("ca.pem"));
    return "admin: {tls: {certificate: %1$s/crt.pem, key: %1$s/key.pem}}".formatted(folder);
  }

  private HttpClient client() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {PemFiles.trust(folder.resolve("ca.pem"))}, null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static HttpResponse<String> get(HttpClient client, String url, String key)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + key);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void certificate_makesTheListenerSpeakTlsOnly() throws Exception {
    try (var router = new RouterFixture(1, tls());
        HttpClient client = client();
        HttpClient stranger = HttpClient.newHttpClient()) {
      String address = "127.0.0.1:" + router.adminPort();

      assertThat(get(client, "https://" + address + "/health", "").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(stranger, "https://" + address + "/health", ""))
          .isInstanceOf(SSLException.class);
      assertThatThrownBy(() -> get(stranger, "http://" + address + "/health", ""))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void certificate_thatIsReplaced_isShownWithoutARestart() throws Exception {
    try (var router = new RouterFixture(1, tls())) {
      X509Certificate before = shown(router);
      issue();

      await().atMost(Duration.ofSeconds(60)).until(() -> !shown(router).equals(before));
    }
  }

  private X509Certificate shown(RouterFixture router) throws Exception {
    try (HttpClient client = client()) {
      String url = "https://127.0.0.1:" + router.adminPort() + "/health";
      return (X509Certificate)
          get(client, url, "").sslSession().orElseThrow().getPeerCertificates()[0];
    }
  }

  @Test
  void certificate_thatCannotBeUsed_keepsTheRouterFromStarting() throws Exception {
    Files.writeString(folder.resolve("crt.pem"), "nonsense");
    String yaml = "admin: {tls: {certificate: %1$s/crt.pem, key: %1$s/crt.pem}}".formatted(folder);

    assertThatThrownBy(() -> new RouterFixture(1, yaml)).hasMessageContaining("admin.tls: ");
  }

  @Test
  void token_ofTheProvider_isAKey() throws Exception {
    RSAKey key = Provider.rsa("k");
    try (var provider = new Provider(key);
        HttpClient client = HttpClient.newHttpClient();
        var router =
            new RouterFixture(
                1,
                "admin: {oidc: {issuer: '%s', audience: %s, roleClaim: realm_access.roles}}"
                    .formatted(provider.issuer(), Provider.AUDIENCE))) {
      String url = "http://127.0.0.1:" + router.adminPort() + "/admin/v1/status";
      String good = Provider.signed(key, provider.claims().build());
      String foreign = Provider.signed(Provider.rsa("k"), provider.claims().build());
      var noRole = provider.claims().claim("realm_access", null).build();

      assertThat(get(client, url, good).statusCode()).isEqualTo(200);
      for (String bad : List.of("", "key", foreign, good + "x")) {
        HttpResponse<String> refused = get(client, url, bad);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      }
      assertThat(get(client, url, Provider.signed(key, noRole)).statusCode()).isEqualTo(403);
    }
  }
}
