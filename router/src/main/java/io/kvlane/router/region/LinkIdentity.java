package io.kvlane.router.region;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this router is on the link, and whom it believes. A region is what the certificate of its
 * routers says: a URI {@code spiffe://kvlane/region/NAME} among the subject alternative names, as
 * SPIFFE does; never a header or an address. Files are read again when they change; connections
 * that stand keep what they have shown. Safe for any thread.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md">X.509-SVID</a>
 */
public final class LinkIdentity {
  private static final Logger log = LoggerFactory.getLogger(LinkIdentity.class);
  private static final String PREFIX = "spiffe://kvlane/region/";
  private static final int URI_NAME = 6;

  private final List<Path> files;
  private volatile Loaded loaded;

  private record Loaded(
      X509ExtendedKeyManager keys, X509ExtendedTrustManager trust, List<FileTime> changed) {}

  /**
   * @throws ConfigException if a file cannot be used
   */
  public LinkIdentity(RouterConfig.Link link) throws ConfigException {
    files = List.of(Path.of(link.certificate()), Path.of(link.key()), Path.of(link.trust()));
    try {
      loaded = load();
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigException("link: " + files + ": " + e.getMessage());
    }
  }

  private Loaded load() throws IOException, GeneralSecurityException {
    List<FileTime> changed = changed();
    return new Loaded(
        PemFiles.identity(files.get(0), files.get(1)), PemFiles.trust(files.get(2)), changed);
  }

  private List<FileTime> changed() throws IOException {
    List<FileTime> times = new ArrayList<>(files.size());
    for (Path file : files) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  /** Reads the files again if one has changed; what cannot be used is left alone. Blocks. */
  void refresh() {
    try {
      if (!changed().equals(loaded.changed)) {
        loaded = load();
        log.info("The link's certificates were read again");
      }
    } catch (IOException | GeneralSecurityException e) {
      log.warn("The link's certificates could not be read again: {}", e.toString());
    }
  }

  /** What this router shows. */
  public KeyCertOptions keys() {
    return KeyCertOptions.wrap(new Keys());
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

  /** The region that a certificate speaks for; null for none. */
  public static @Nullable String region(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0) instanceof Integer kind
            && kind == URI_NAME
            && name.get(1) instanceof String uri
            && uri.startsWith(PREFIX)) {
          return uri.substring(PREFIX.length());
        }
      }
      return null;
    } catch (CertificateException e) {
      return null; // a certificate whose names cannot be read names no region
    }
  }

  private final class Trust extends X509ExtendedTrustManager {
    private final Supplier<Set<String>> allowed;

    Trust(Supplier<Set<String>> allowed) {
      this.allowed = allowed;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      String region = region(chain[0]);
      Set<String> regions = allowed.get();
      if (region == null || !regions.contains(region)) {
        throw new CertificateException("region " + region + " (expected: one of " + regions + ")");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      loaded.trust.checkClientTrusted(chain, type);
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      loaded.trust.checkServerTrusted(chain, type);
      check(chain);
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
      return loaded.trust.getAcceptedIssuers();
    }
  }

  /** Asks for the key anew at each handshake. */
  private final class Keys extends X509ExtendedKeyManager {
    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return loaded.keys.getClientAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return loaded.keys.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return loaded.keys.chooseEngineClientAlias(types, issuers, engine);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return loaded.keys.getServerAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return loaded.keys.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return loaded.keys.chooseEngineServerAlias(type, issuers, engine);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return loaded.keys.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return loaded.keys.getPrivateKey(alias);
    }
  }
}
