package io.kvlane.router.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Reads certificates and keys as RFC 7468 writes them. */
public final class PemFiles {
  private static final char[] NO_PASSWORD = {};
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final byte[] TRIAL = {1};
  private static final String[] ALGORITHMS = {"EC", "RSA", "EdDSA"};

  private PemFiles() {}

  /** Presents the chain in {@code certificate} with the key in {@code key}. */
  public static X509ExtendedKeyManager identity(Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
    PrivateKey secret = privateKey(key);
    if (!belong(secret, chain[0].getPublicKey())) {
      throw new GeneralSecurityException("the private key is not that of the certificate");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("key", secret, NO_PASSWORD, chain);
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
  }

  /** Whether what one signs the other verifies: files may be replaced one after the other. */
  private static boolean belong(PrivateKey secret, PublicKey known)
      throws GeneralSecurityException {
    if (!secret.getAlgorithm().equals(known.getAlgorithm())) {
      return false;
    }
    String kind = secret.getAlgorithm();
    Signature signature =
        Signature.getInstance(
            switch (kind) {
              case "EC" -> "SHA256withECDSA";
              case "RSA" -> "SHA256withRSA";
              default -> kind;
            });
    signature.initSign(secret);
    signature.update(TRIAL);
    byte[] signed = signature.sign();
    signature.initVerify(known);
    signature.update(TRIAL);
    return signature.verify(signed);
  }

  /** Trusts what the authorities in {@code file} have signed. */
  public static X509ExtendedTrustManager trust(Path file)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int i = 0;
    for (Certificate certificate : certificates(file)) {
      store.setCertificateEntry("authority-" + i++, certificate);
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  /** When the first of the certificates in {@code file} expires. */
  public static Instant expires(Path file) throws IOException, GeneralSecurityException {
    Instant first = Instant.MAX;
    for (Certificate certificate : certificates(file)) {
      if (certificate instanceof X509Certificate dated) {
        Instant end = dated.getNotAfter().toInstant();
        first = end.isBefore(first) ? end : first;
      }
    }
    return first;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      var found = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new GeneralSecurityException("no certificate (expected: PEM)");
      }
      return found;
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher pem = KEY.matcher(Files.readString(file, US_ASCII));
    if (!pem.find()) {
      throw new GeneralSecurityException("no private key (expected: PEM, PKCS#8)");
    }
    var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    List<String> refusals = new ArrayList<>();
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        refusals.add(algorithm);
      }
    }
    throw new GeneralSecurityException(
        "a private key of an unknown kind (expected: one of " + refusals + ")");
  }
}
