package io.kvlane.router.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** How API keys are written into a configuration: as their SHA-256, in lower-case hex. */
public final class KeyHash {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  private KeyHash() {}

  /** The hash of a key, as {@code printf %s KEY | sha256sum} gives it. */
  public static String of(String key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }
}
