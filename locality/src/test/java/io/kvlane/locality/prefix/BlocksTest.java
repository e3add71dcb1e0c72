package io.kvlane.locality.prefix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BlocksTest {
  private static final ChainRoot PLAIN = new ChainRoot(KeySpace.TOKENS, "m", "", "", 16);

  private static Chain tokens(ChainRoot root, int... tokens) {
    return Blocks.tokens(tokens, root.blockSize()).chain(root);
  }

  /**
   * Dynamo publishes XXH3-64 with seed 1337 of these tokens; ours is the seedless hash of equal
   * bytes.
   */
  @Test
  void tokenContent_isXxh3OfLittleEndianTokens() {
    int[] tokens = IntStream.rangeClosed(1, 32).toArray();
    byte[] bytes = new byte[64];
    for (int i = 0; i < 16; i++) {
      bytes[4 * i] = (byte) (i + 1);
    }

    assertThat(Blocks.tokenContent(tokens, 0, 16))
        .isEqualTo(Hashing.xxh3_64().hashBytesToLong(bytes));
    assertThat(Long.toUnsignedString(Hashing.xxh3_64(1337).hashBytesToLong(bytes)))
        .isEqualTo("16863443419780771464");
  }

  @Test
  void chain_partialBlock_hasNoKey() {
    assertThat(tokens(PLAIN, new int[15]).length()).isZero();
    assertThat(tokens(PLAIN, new int[47]).length()).isEqualTo(2);
  }

  @Test
  void chain_otherRoot_sharesNoKey() {
    int[] tokens = IntStream.range(0, 64).toArray();
    Chain plain = tokens(PLAIN, tokens);
    ChainRoot[] others = {
      new ChainRoot(KeySpace.TOKENS, "n", "", "", 16),
      new ChainRoot(KeySpace.TOKENS, "m", "a", "", 16),
      new ChainRoot(KeySpace.TOKENS, "m", "", "a", 16),
      new ChainRoot(KeySpace.TOKENS, "", "m", "", 16),
    };
    for (ChainRoot other : others) {
      assertThat(tokens(other, tokens).keys()).doesNotContain(plain.keys());
    }
  }

  @Test
  void chain_rootOfOtherGeometry_isRefused() {
    Blocks blocks = Blocks.tokens(new int[32], 16);

    assertThatThrownBy(() -> blocks.chain(new ChainRoot(KeySpace.TEXT, "m", "", "", 16)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> blocks.chain(new ChainRoot(KeySpace.TOKENS, "m", "", "", 32)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void root_toString_keepsTheSalt() {
    assertThat(new ChainRoot(KeySpace.TEXT, "m", "", "secret", 16).toString())
        .doesNotContain("secret");
  }

  @Property(tries = 200)
  void chain_equalPrefix_equalKeysUpToTheFirstDifference(@ForAll long seed) {
    Random random = new Random(seed);
    int[] a = random.ints(16L * (1 + random.nextInt(20))).toArray();
    int at = random.nextInt(a.length);
    int[] b = a.clone();
    b[at]++;
    long[] one = tokens(PLAIN, a).keys();
    long[] other = tokens(PLAIN, b).keys();
    for (int i = 0; i < one.length; i++) {
      assertThat(one[i] == other[i]).isEqualTo(i < at / 16);
    }
  }

  @Property(tries = 200)
  void text_anyCutOfTheInput_givesTheSameKeys(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] prompt = new byte[random.nextInt(2_000)];
    random.nextBytes(prompt);
    ChainRoot root = new ChainRoot(KeySpace.TEXT, "m", "", "", 64);
    Blocks.TextBuilder whole = Blocks.text(64).append(prompt, 0, prompt.length);
    Blocks.TextBuilder pieces = Blocks.text(64);
    for (int from = 0; from < prompt.length; ) {
      int n = Math.min(prompt.length - from, 1 + random.nextInt(150));
      pieces.append(prompt, from, n);
      from += n;
    }
    Blocks blocks = whole.build();

    assertThat(pieces.build().chain(root)).isEqualTo(blocks.chain(root));
    assertThat(blocks.size()).isEqualTo(prompt.length);
    assertThat(blocks.length()).isEqualTo(prompt.length / 64);
  }

  @Test
  void text_appended_extendsTheChain() {
    byte[] turn = "You are a helpful assistant. ".repeat(40).getBytes(UTF_8);
    byte[] next = Arrays.copyOf(turn, turn.length + 500);
    ChainRoot root = new ChainRoot(KeySpace.TEXT, "m", "", "", 256);
    long[] first = Blocks.text(256).append(turn, 0, turn.length).build().chain(root).keys();
    long[] second = Blocks.text(256).append(next, 0, next.length).build().chain(root).keys();

    assertThat(second).startsWith(first).hasSizeGreaterThan(first.length);
  }
}
