package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class Utf8Test {
  private static final String TEXT =
      "plain ascii text, \u00fcml\u00e4ut, \u4e2d\u6587, \ud83d\ude00 and more ";

  /** The JDK's decoder is the reference. */
  @Property(tries = 2000)
  void firstMalformed_anyBytes_agreesWithTheJdk(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    byte[] bytes = TEXT.repeat(1 + random.nextInt(3)).getBytes(UTF_8);
    int changes = random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    int length = random.nextInt(bytes.length + 1);
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
    CoderResult result = UTF_8.newDecoder().decode(in, CharBuffer.allocate(length), true);

    assertThat(Utf8.firstMalformed(bytes, length))
        .isEqualTo(result.isMalformed() ? in.position() : -1);
  }

  /** So is the JDK's encoder. */
  @Property(tries = 500)
  void text_anyString_isUtf8(@ForAll String text) {
    var canonical = new CanonicalText();
    canonical.text(text);
    boolean lone = !UTF_8.newEncoder().canEncode(text);

    if (!lone) {
      assertThat(canonical.toBytes()).isEqualTo(text.getBytes(UTF_8));
    } else {
      assertThat(canonical.toBytes()).isNotEmpty();
    }
  }
}
