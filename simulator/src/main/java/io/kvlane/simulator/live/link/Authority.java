package io.kvlane.simulator.live.link;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for trying out: its key lives in this object alone. Certificates name a
 * region as routers expect it, see {@code link.certificate} in a router's configuration. Safe for
 * any thread.
 */
public final class Authority {
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final Duration SKEW = Duration.ofHours(1);

  private final SecureRandom random = new SecureRandom();
  private final X500Principal name;
  private final KeyPair keys;
  private final X509Certificate certificate;

  /**
   * @param name what it calls itself
   * @param validity of its own certificate, from now on
   */
  public Authority(String name, Duration validity) {
    this.name = new X500Principal("CN=" + name);
    this.keys = keyPair();
    Instant now = Instant.now();
    try {
      certificate =
          sign(
              builder(this.name, keys.getPublic(), now.minus(SKEW), now.plus(validity))
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                  .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));
    } catch (CertIOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes its certificate, which others are to trust. */
  public void writeTrust(Path file) throws IOException {
    write(file, certificate);
  }

  /**
   * Issues a certificate to a region.
   *
   * @param from when it begins to be valid
   * @param to when it ceases to
   * @param certificateFile gets the certificate, PEM
   * @param keyFile gets its key, PEM, readable by its owner alone
   */
  public void issue(String region, Instant from, Instant to, Path certificateFile, Path keyFile)
      throws IOException {
    issue(List.of(region), from, to, certificateFile, keyFile);
  }

  /** The same for as many regions as it pleases, to see who believes that. */
  public void issue(
      List<String> regions, Instant from, Instant to, Path certificateFile, Path keyFile)
      throws IOException {
    GeneralName[] names =
        regions.stream()
            .map(region -> "spiffe://kvlane/region/" + region)
            .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
            .toArray(GeneralName[]::new);
    issue(names, from, to, certificateFile, keyFile);
  }

  /** Issues a certificate to whoever listens at an IP address. */
  public void issueAddress(String address, Duration validity, Path certificateFile, Path keyFile)
      throws IOException {
    Instant now = Instant.now();
    GeneralName[] names = {new GeneralName(GeneralName.iPAddress, address)};
    issue(names, now.minus(SKEW), now.plus(validity), certificateFile, keyFile);
  }

  private void issue(
      GeneralName[] names, Instant from, Instant to, Path certificateFile, Path keyFile)
      throws IOException {
    KeyPair pair = keyPair();
    JcaX509v3CertificateBuilder builder =
        builder(new X500Principal("CN=router"), pair.getPublic(), from, to);
    if (names.length > 0) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    write(certificateFile, sign(builder));
    Files.deleteIfExists(keyFile);
    Files.createFile(
        keyFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    write(keyFile, new JcaPKCS8Generator(pair.getPrivate(), null));
  }

  /** Issues a certificate that is valid from an hour ago on, so that clocks need not agree. */
  public void issue(String region, Duration validity, Path certificateFile, Path keyFile)
      throws IOException {
    Instant now = Instant.now();
    issue(region, now.minus(SKEW), now.plus(validity), certificateFile, keyFile);
  }

  private JcaX509v3CertificateBuilder builder(
      X500Principal subject, PublicKey key, Instant from, Instant to) {
    return new JcaX509v3CertificateBuilder(
        name, new BigInteger(64, random), Date.from(from), Date.from(to), subject, key);
  }

  private X509Certificate sign(X509v3CertificateBuilder builder) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path file, Object pem) throws IOException {
    try (Writer out = Files.newBufferedWriter(file);
        JcaPEMWriter writer = new JcaPEMWriter(out)) {
      writer.writeObject(pem);
    }
  }
}
