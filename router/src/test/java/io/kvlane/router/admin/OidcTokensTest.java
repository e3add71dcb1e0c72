package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.kvlane.router.tls.PemFiles;
import io.kvlane.simulator.live.link.Authority;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OidcTokensTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private RSAKey key;
  private Provider provider;
  private OidcTokens tokens;

  @BeforeEach
  void start() throws Exception {
    key = Provider.rsa("first");
    provider = new Provider(key);
    tokens = new OidcTokens(provider.config(), LONG);
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  private Optional<ApiKey> shown(JWTClaimsSet.Builder claims) throws Exception {
    return tokens.of(Provider.signed(key, claims.build()));
  }

  private static Date in(long seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  @Test
  void provider_withACertificateOfItsOwnAuthority_isBelievedByTheFileThatNamesIt(
      @TempDir Path folder) throws Exception {
    var authority = new Authority("ours", LONG);
    Path trust = folder.resolve("ca.pem");
    authority.issueAddress("127.0.0.1", LONG, folder.resolve("crt.pem"), folder.resolve("key.pem"));
    new Authority("another", LONG).writeTrust(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    var identity = PemFiles.identity(folder.resolve("crt.pem"), folder.resolve("key.pem"));
    context.init(new KeyManager[] {identity}, null, null);
    try (var secured = new Provider(context, key)) {
      String good = Provider.signed(key, secured.claims().build());
      var ours = new OidcTokens(secured.config(trust.toString()), Duration.ofMillis(1));
      assertThat(ours.of(good)).isEmpty();
      assertThat(new OidcTokens(secured.config(), LONG).of(good)).isEmpty();
      assertThat(secured.asked).hasValue(0);

      authority.writeTrust(trust);

      assertThat(ours.of(good)).isPresent();
    }
  }

  @Test
  void goodToken_isWhomItNamesWithTheHighestRole() throws Exception {
    var claims = provider.claims().claim("tenants", List.of("acme")).claim("regions", "eu us");

    ApiKey caller = shown(claims).orElseThrow();

    assertThat(caller.id()).isEqualTo("oidc:olga");
    assertThat(caller.role()).isEqualTo(ApiKey.Role.OPERATOR);
    assertThat(caller.tenants()).containsExactly("acme");
    assertThat(caller.regions()).containsExactlyInAnyOrder("eu", "us");
  }

  @Test
  void goodToken_withoutScope_isForAll() throws Exception {
    ApiKey caller = shown(provider.claims()).orElseThrow();

    assertThat(caller.scoped()).isFalse();
    assertThat(caller.regions()).isEmpty();
  }

  @Test
  void ellipticCurve_isBelievedToo() throws Exception {
    ECKey ec = Provider.ec("ec");
    provider.rotate(ec);

    assertThat(tokens.of(Provider.signed(ec, provider.claims().build()))).isPresent();
  }

  @Test
  void signature_ofAnotherKeyWithThatId_isNotBelieved() throws Exception {
    RSAKey other = Provider.rsa("first");

    assertThat(tokens.of(Provider.signed(other, provider.claims().build()))).isEmpty();
  }

  @Test
  void payload_thatWasChanged_isNotBelieved() throws Exception {
    String[] good = Provider.signed(key, provider.claims().build()).split("\\.");
    String[] other =
        Provider.signed(Provider.rsa("x"), provider.claims().subject("eve").build()).split("\\.");

    assertThat(tokens.of(good[0] + '.' + other[1] + '.' + good[2])).isEmpty();
  }

  @Test
  void otherAudienceIssuerOrTime_isNotBelieved() throws Exception {
    assertThat(shown(provider.claims().audience("grafana"))).isEmpty();
    assertThat(shown(provider.claims().audience((String) null))).isEmpty();
    assertThat(shown(provider.claims().issuer("https://elsewhere.example"))).isEmpty();
    assertThat(shown(provider.claims().expirationTime(in(-60)))).isEmpty();
    assertThat(shown(provider.claims().expirationTime(null))).isEmpty();
    assertThat(shown(provider.claims().notBeforeTime(in(60)))).isEmpty();
    assertThat(shown(provider.claims().subject(null))).isEmpty();
  }

  @Test
  void clocks_mayDifferALittle() throws Exception {
    assertThat(shown(provider.claims().expirationTime(in(-10)))).isPresent();
    assertThat(shown(provider.claims().notBeforeTime(in(10)))).isPresent();
  }

  @Test
  void algorithm_thatIsNotSigned_isNotBelieved() throws Exception {
    var claims = provider.claims().build();
    assertThat(tokens.of(new PlainJWT(claims).serialize())).isEmpty();
    // The public key as if it were a shared secret.
    var mac =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(), claims);
    mac.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
    assertThat(tokens.of(mac.serialize())).isEmpty();
    var weak =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS384).keyID("first").build(), claims);
    weak.sign(new RSASSASigner(key));
    assertThat(tokens.of(weak.serialize())).isEmpty();
  }

  @Test
  void type_ofSomethingElse_isNotBelieved() throws Exception {
    var header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("first")
            .type(new JOSEObjectType("logout+jwt"))
            .build();
    var token = new SignedJWT(header, provider.claims().build());
    token.sign(new RSASSASigner(key));

    assertThat(tokens.of(token.serialize())).isEmpty();
  }

  @Test
  void nonsense_isNotBelieved() {
    for (String text : List.of("a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9..x", "e30.e30.e30")) {
      assertThat(tokens.of(text)).as(text).isEmpty();
    }
  }

  @Test
  void rotatedKey_isFoundAtOnce() throws Exception {
    assertThat(shown(provider.claims())).isPresent();
    RSAKey next = Provider.rsa("second");
    provider.rotate(next);

    assertThat(tokens.of(Provider.signed(next, provider.claims().build()))).isPresent();
    assertThat(shown(provider.claims())).as("signed with the key that is gone").isEmpty();
  }

  @Test
  void unknownKeys_doNotMakeUsAskTheProviderAgainAndAgain() throws Exception {
    assertThat(shown(provider.claims())).isPresent();
    for (int i = 0; i < 20; i++) {
      String token = Provider.signed(Provider.ec("unknown-" + i), provider.claims().build());
      assertThat(tokens.of(token)).isEmpty();
    }

    assertThat(provider.asked).hasValueLessThanOrEqualTo(2);
    assertThat(shown(provider.claims())).isPresent();
  }

  @Test
  void provider_thatIsGone_isNotNeededForKnownKeys() throws Exception {
    assertThat(shown(provider.claims())).isPresent();
    String good = Provider.signed(key, provider.claims().build());
    provider.close();

    assertThat(tokens.of(good)).isPresent();
    assertThat(new OidcTokens(provider.config(), LONG).of(good)).isEmpty();
  }

  @Test
  void claims_thatGiveNoAccess_areForbidden() {
    for (Map<String, Object> more :
        List.of(
            Map.<String, Object>of("realm_access", Map.of("roles", List.of("kvlane-king"))),
            Map.<String, Object>of("realm_access", "kvlane-admin"),
            Map.<String, Object>of("tenants", List.of()),
            Map.<String, Object>of("tenants", 7),
            Map.<String, Object>of("regions", List.of(1)),
            Map.<String, Object>of("sub", ""),
            Map.<String, Object>of("sub", "x\ny"))) {
      var claims = provider.claims();
      more.forEach(claims::claim);

      ApiProblem problem = catchThrowableOfType(ApiProblem.class, () -> shown(claims));

      assertThat(problem).as("" + more).isNotNull();
      assertThat(problem.status()).isEqualTo(403);
    }
  }
}
