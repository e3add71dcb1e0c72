package io.kvlane.router.admin;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.tls.PemFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an OpenID provider, from where its discovery document says (OpenID Connect Discovery
 * 1.0, 4). Asks anew each time; others remember.
 */
final class ProviderKeys implements JWKSetSource<SecurityContext> {
  private static final int LIMIT_MILLIS = 2_000;
  private static final int MAX_BYTES = 1 << 18;

  private final RouterConfig.Oidc config;

  ProviderKeys(RouterConfig.Oidc config) {
    this.config = config;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator evaluator, long now, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      String keys = config.keys().isEmpty() ? discovered() : config.keys();
      return JWKSet.parse(text(keys));
    } catch (IOException | ParseException | IllegalArgumentException e) {
      throw new JWKSetRetrievalException(
          "the keys of " + config.issuer() + " cannot be had: " + e.getMessage(), e);
    }
  }

  private String discovered() throws IOException, ParseException {
    String issuer = config.issuer();
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    var document = JSONObjectUtils.parse(text(base + "/.well-known/openid-configuration"));
    if (!issuer.equals(JSONObjectUtils.getString(document, "issuer"))) {
      throw new IOException("its discovery document is another issuer's");
    }
    String keys = JSONObjectUtils.getString(document, "jwks_uri");
    if (keys == null) {
      throw new IOException("its discovery document names no jwks_uri");
    }
    return keys;
  }

  private String text(String url) throws IOException {
    return retriever().retrieveResource(URI.create(url).toURL()).getContent();
  }

  /** Keys are asked for so seldom that the authorities may as well be read each time. */
  private ResourceRetriever retriever() throws IOException {
    if (config.trust().isEmpty()) {
      return new DefaultResourceRetriever(LIMIT_MILLIS, LIMIT_MILLIS, MAX_BYTES);
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {PemFiles.trust(Path.of(config.trust()))}, null);
      return new DefaultResourceRetriever(
          LIMIT_MILLIS, LIMIT_MILLIS, MAX_BYTES, true, context.getSocketFactory());
    } catch (IOException | GeneralSecurityException e) {
      throw new IOException("admin.oidc.trust: " + config.trust() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    // Nothing is held between questions.
  }
}
