package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyScannerTest {
  private static final int CHUNK = 16;
  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TEXT, "m", "", "", CHUNK);
  private static final String TURN =
      "{\"role\":\"user\",\"content\":\"a question that is long enough for some chunks\"}";

  private final BodyScanner scanner = new BodyScanner(100, 64, model -> CHUNK);

  private ScannedRequest scan(Endpoint endpoint, String body) throws InvalidRequest {
    byte[] bytes = Arrays.copyOf(body.getBytes(UTF_8), body.getBytes(UTF_8).length + 7);
    return scanner.scan(endpoint, bytes, bytes.length - 7, "");
  }

  private long[] keys(Endpoint endpoint, String body) throws InvalidRequest {
    Blocks text = scan(endpoint, body).text();
    return text.chain(ROOT).keys();
  }

  @Test
  void text_sameInOtherOrderAndSpelling_isEqual() throws InvalidRequest {
    String a =
        "{\"model\":\"m\",\"tools\":[{\"name\":\"t\"}],\"messages\":[{\"role\":\"user\","
            + "\"content\":\"gr\u00fc\u00dfe \ud83d\ude00 to all of you\"}]}";
    String b =
        "{ \"messages\" : [ {\"role\":\"user\", \"content\":\"gr\\u00fc\\u00dfe \\ud83d\\ude00 to "
            + "all of you\"} ],\n \"tools\":[{\"name\":\"\\u0074\"}], \"model\":\"m\" }";

    assertThat(keys(Endpoint.CHAT, a)).isEqualTo(keys(Endpoint.CHAT, b)).isNotEmpty();
  }

  @Test
  void text_nextTurn_extendsTheFirst() throws InvalidRequest {
    long[] first = keys(Endpoint.CHAT, "{\"model\":\"m\",\"messages\":[" + TURN + "]}");
    long[] second =
        keys(
            Endpoint.CHAT,
            "{\"model\":\"m\",\"messages\":["
                + TURN
                + ",{\"role\":\"assistant\",\"content\":\"an answer\"},"
                + TURN
                + "]}");

    int shared = Arrays.mismatch(first, second);
    assertThat(shared < 0 ? first.length : shared).isGreaterThanOrEqualTo(first.length - 1);
    assertThat(second.length).isGreaterThan(first.length);
  }

  @Test
  void text_cacheControlAtAnyDepth_isLeftOut() throws InvalidRequest {
    String with =
        "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"be kind to everybody here\","
            + "\"cache_control\":{\"type\":\"ephemeral\",\"x\":[1]}}],\"messages\":[{\"role\":\"user\","
            + "\"cache_control\":null,\"content\":[{\"cache_control\":{\"a\":{}},\"type\":\"text\","
            + "\"text\":\"hello\"}]}]}";
    String without =
        "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"be kind to everybody here\"}],"
            + "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]}";

    assertThat(keys(Endpoint.MESSAGES, with)).isEqualTo(keys(Endpoint.MESSAGES, without));
  }

  @Test
  void text_otherFields_doNotMatter() throws InvalidRequest {
    String rest = ",\"messages\":[" + TURN + "]}";

    assertThat(keys(Endpoint.CHAT, "{\"model\":\"m\",\"seed\":1" + rest))
        .isEqualTo(keys(Endpoint.CHAT, "{\"model\":\"m\",\"user\":\"u\"" + rest));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"ab\",\"c\"", "\"a\",\"bc\"", "\"abc\"", "[\"abc\"]", "{\"a\":\"bc\"}"})
  void text_otherStructure_differs(String prompt) throws InvalidRequest {
    String pad = ",\"0123456789abcdef0123456789abcdef\"]}";
    long[] keys = keys(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":[" + prompt + pad);
    long[] other =
        keys(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":[\"a\",\"b\",\"c\"" + pad);

    assertThat(keys[0]).isNotEqualTo(other[0]);
  }

  @Test
  void scan_fields_areFound() throws InvalidRequest {
    var found =
        scan(
            Endpoint.RESPONSES,
            "{\"input\":\"x\",\"max_output_tokens\":17,\"stream\":true,\"cache_salt\":\"s\","
                + "\"prompt_cache_key\":\"k\",\"model\":\"m\"}");

    assertThat(found.model()).isEqualTo("m");
    assertThat(found.stream()).isTrue();
    assertThat(found.dropUsage()).isFalse();
    assertThat(found.maxOutputTokens()).isEqualTo(17);
    assertThat(found.salt()).isEqualTo("s");
    assertThat(found.promptCacheKey()).isEqualTo("k");
    assertThat(found.tokenizeBody()).isNull();
  }

  @Test
  void scan_nulls_areAsIfAbsent() throws InvalidRequest {
    var found =
        scan(
            Endpoint.CHAT,
            "{\"model\":\"m\",\"stream\":null,\"max_tokens\":null,\"cache_salt\":null,"
                + "\"prompt_cache_key\":null,\"messages\":[]}");

    assertThat(found.stream()).isFalse();
    assertThat(found.maxOutputTokens()).isEqualTo(-1);
    assertThat(found.salt()).isEmpty();
  }

  @Test
  void tokenizeBody_completions_onlyForAStringPrompt() throws InvalidRequest {
    String body = "{\"model\":\"m\",\"prompt\": \"a\\u0062\" ,\"x\":1}";

    assertThat(scan(Endpoint.COMPLETIONS, body).tokenizeBody().get())
        .hasToString("{\"model\":\"m\",\"prompt\":\"a\\u0062\"}");
    assertThat(scan(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":[1,2]}").tokenizeBody())
        .isNull();
  }

  /** What is spliced in changes nothing else, wherever {@code stream_options} stands. */
  @Property(tries = 300)
  void splice_anyPlace_changesNothingElse(@ForAll long seed) throws Exception {
    var random = new SplittableRandom(seed);
    String[] options = {
      null,
      "null",
      "{}",
      "{ \"a\":1}",
      "{\"a\":{\"include_usage\":3},\"include_usage\" : false }",
      "{\"include_usage\":true}"
    };
    var fields = new java.util.ArrayList<String>();
    fields.add("\"model\" : \"m\"");
    fields.add("\"messages\":[" + TURN + "]");
    fields.add("\"stream\":true");
    String option = options[random.nextInt(options.length)];
    if (option != null) {
      fields.add("\"stream_options\" :\t" + option);
    }
    fields.add("\"\u00e4\":[1.50,{\"x\":null}]");
    java.util.Collections.shuffle(fields, new java.util.Random(seed));
    String body = " {" + String.join(" ,", fields) + "}\n";

    String sent = scan(Endpoint.CHAT, body).body().toString(UTF_8);

    var json = new ObjectMapper();
    var expected = (com.fasterxml.jackson.databind.node.ObjectNode) json.readTree(body);
    expected.withObject("/stream_options").put("include_usage", true);
    assertThat(json.readTree(sent)).isEqualTo(expected);
    if ("{\"include_usage\":true}".equals(option)) {
      assertThat(sent).isEqualTo(body);
    }
    assertThat(untouched(body, sent)).isGreaterThanOrEqualTo(body.length() - "false".length());
  }

  /** How many characters of {@code before} stand at the ends of {@code after}. */
  private static int untouched(String before, String after) {
    int head = 0;
    int tail = 0;
    int most = Math.min(before.length(), after.length());
    while (head < most && before.charAt(head) == after.charAt(head)) {
      head++;
    }
    while (head + tail < most
        && before.charAt(before.length() - 1 - tail) == after.charAt(after.length() - 1 - tail)) {
      tail++;
    }
    return head + tail;
  }
}
