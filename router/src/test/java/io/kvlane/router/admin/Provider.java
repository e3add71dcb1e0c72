package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kvlane.router.config.RouterConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** An OpenID provider on loopback: its discovery document, its keys, and the tokens it issues. */
final class Provider implements AutoCloseable {
  static final String AUDIENCE = "kvlane-admin";

  final AtomicInteger asked = new AtomicInteger();

  private final String scheme;
  private final HttpServer server;
  private volatile List<JWK> keys;

  Provider(JWK... keys) throws IOException {
    this("http", HttpServer.create(), keys);
  }

  /** One that speaks TLS. */
  Provider(SSLContext context, JWK... keys) throws IOException {
    this("https", secured(HttpsServer.create(), context), keys);
  }

  private static HttpsServer secured(HttpsServer server, SSLContext context) {
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return server;
  }

  private Provider(String scheme, HttpServer server, JWK... keys) throws IOException {
    this.scheme = scheme;
    this.keys = List.of(keys);
    this.server = server;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String discovery = "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer(), issuer());
    serve("/.well-known/openid-configuration", () -> discovery);
    serve(
        "/keys",
        () -> {
          asked.incrementAndGet();
          return new JWKSet(this.keys).toString(true);
        });
    server.start();
  }

  private void serve(String path, Supplier<String> text) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = text.get().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  static RSAKey rsa(String id) throws JOSEException {
    return new RSAKeyGenerator(2048).keyID(id).generate();
  }

  static ECKey ec(String id) throws JOSEException {
    return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
  }

  String issuer() {
    return scheme + "://127.0.0.1:" + server.getAddress().getPort();
  }

  RouterConfig.Oidc config() {
    return config("");
  }

  /**
   * @param trust file of authorities
   */
  RouterConfig.Oidc config(String trust) {
    return new RouterConfig.Oidc(
        issuer(),
        AUDIENCE,
        "",
        "realm_access.roles",
        "kvlane-",
        "tenants",
        "regions",
        Duration.ofSeconds(30),
        trust);
  }

  /** It signs with these from now on. */
  void rotate(JWK... next) {
    keys = List.of(next);
  }

  /** What a token for an operator says. */
  JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .audience(AUDIENCE)
        .subject("olga")
        .expirationTime(Date.from(Instant.now().plusSeconds(300)))
        .claim(
            "realm_access",
            Map.of("roles", List.of("offline_access", "kvlane-operator", "kvlane-viewer")));
  }

  static String signed(JWK key, JWTClaimsSet claims) throws JOSEException {
    boolean rsa = key instanceof RSAKey;
    var header =
        new JWSHeader.Builder(rsa ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256)
            .keyID(key.getKeyID())
            .build();
    var token = new SignedJWT(header, claims);
    token.sign(rsa ? new RSASSASigner(key.toRSAKey()) : new ECDSASigner(key.toECKey()));
    return token.serialize();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
