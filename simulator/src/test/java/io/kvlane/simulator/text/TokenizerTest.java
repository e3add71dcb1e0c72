package io.kvlane.simulator.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokenizerTest {

  @Property
  void encode_textAppended_changesAtMostTheLastToken(@ForAll String text, @ForAll String more) {
    int[] before = Tokenizer.encode(text);
    int[] after = Tokenizer.encode(text + more);
    int kept = Math.max(0, before.length - 1);

    assertThat(Arrays.copyOf(after, kept)).isEqualTo(Arrays.copyOf(before, kept));
  }

  @Property
  void encode_wordsAppended_keepsAllTokens(@ForAll String text, @ForAll long word) {
    int[] before = Tokenizer.encode(text + ".");
    int[] after = Tokenizer.encode(text + "." + Words.word(word));

    assertThat(after).hasSize(before.length + 1).startsWith(before);
  }

  @Test
  void encode_blockText_isOneTokenPerWord() {
    StringBuilder text = new StringBuilder();
    BlockText.append(7, 512, text);
    BlockText.append(8, 100, text);

    int[] tokens = Tokenizer.encode(text);

    assertThat(tokens).hasSize(612);
    assertThat(Arrays.stream(tokens).distinct().count()).isGreaterThan(550);
  }

  @Test
  void encode_prose_isAboutFourCharactersPerToken() {
    assertThat(Tokenizer.encode("The quick brown fox jumps over the lazy dog.")).hasSize(15);
  }

  @Test
  void special_isNoTokenOfText() {
    assertThat(Tokenizer.special("<|user|>"))
        .isGreaterThan(128_255)
        .isNotEqualTo(Tokenizer.special("<|assistant|>"));
  }
}
