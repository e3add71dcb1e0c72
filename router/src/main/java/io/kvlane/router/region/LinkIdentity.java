package io.kvlane.router.region;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.tls.FreshKeys;
import io.kvlane.router.tls.PemFiles;
import io.kvlane.router.tls.ReadAgain;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Who this router is on the link, and whom it believes. A region is what the certificate of its
 * routers says: a URI {@code spiffe://kvlane/region/NAME} among the subject alternative names, as
 * SPIFFE does; never a header or an address. Files are read again when they change; connections
 * that stand keep what they have shown. Safe for any thread.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md">X.509-SVID</a>
 */
public final class LinkIdentity {
  private static final String PREFIX = "spiffe://kvlane/region/";
  private static final int URI_NAME = 6;
  private static final long REFRESH_MILLIS = 2_000;

  private final ReadAgain<Loaded> files;

  private record Loaded(
      X509ExtendedKeyManager keys, Instant expires, X509ExtendedTrustManager trust) {}

  /**
   * @throws ConfigException if a file cannot be used
   */
  public LinkIdentity(RouterConfig.Link link) throws ConfigException {
    Path certificate = Path.of(link.certificate());
    Path key = Path.of(link.key());
    Path trust = Path.of(link.trust());
    files =
        new ReadAgain<>(
            "link",
            List.of(certificate, key, trust),
            () ->
                new Loaded(
                    PemFiles.identity(certificate, key),
                    PemFiles.expires(certificate),
                    PemFiles.trust(trust)));
  }

  /** Reads the files again when they change, from now on. */
  void watch(Vertx vertx) {
    files.watch(vertx, REFRESH_MILLIS);
  }

  /** What this router shows. */
  public KeyCertOptions keys() {
    return KeyCertOptions.wrap(new FreshKeys(() -> files.get().keys));
  }

  /** When that expires. */
  Instant expires() {
    return files.get().expires;
  }

  /** Believes only routers of these regions, asked for at each handshake. */
  public TrustOptions trust(Supplier<Set<String>> regions) {
    return TrustOptions.wrap(new Trust(regions));
  }

  /** The region that the other side of a connection of the link has shown to be; null for none. */
  public static @Nullable String region(HttpConnection connection) {
    try {
      return connection.peerCertificates().getFirst() instanceof X509Certificate certificate
          ? region(certificate)
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  /**
   * Whether the other side of a connection would be let in now: who resumes a TLS session shows no
   * certificate anew.
   */
  public boolean believes(HttpConnection connection, Set<String> regions) {
    try {
      X509Certificate[] chain =
          connection.peerCertificates().stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      files.get().trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
      check(chain, regions);
      return true;
    } catch (CertificateException | SSLPeerUnverifiedException e) {
      return false;
    }
  }

  private static void check(X509Certificate[] chain, Set<String> regions)
      throws CertificateException {
    String region = region(chain[0]);
    if (region == null || !regions.contains(region)) {
      throw new CertificateException("region " + region + " (expected: one of " + regions + ")");
    }
  }

  /** The region that a certificate speaks for; null for none, or if it names more than one. */
  public static @Nullable String region(X509Certificate certificate) {
    String region = null;
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0) instanceof Integer kind
            && kind == URI_NAME
            && name.get(1) instanceof String uri
            && uri.startsWith(PREFIX)) {
          if (region != null) {
            return null;
          }
          region = uri.substring(PREFIX.length());
        }
      }
      return region;
    } catch (CertificateException e) {
      return null; // a certificate whose names cannot be read names no region
    }
  }

  private final class Trust extends X509ExtendedTrustManager {
    private final Supplier<Set<String>> allowed;

    Trust(Supplier<Set<String>> allowed) {
      this.allowed = allowed;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      files.get().trust.checkClientTrusted(chain, type);
      check(chain, allowed.get());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      files.get().trust.checkServerTrusted(chain, type);
      check(chain, allowed.get());
    }

    // The name that counts is the region, so the host's name is not looked at.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return files.get().trust.getAcceptedIssuers();
    }
  }
}
