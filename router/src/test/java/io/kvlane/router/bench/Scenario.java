package io.kvlane.router.bench;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One kind of load.
 *
 * @param name its name in the report
 * @param concurrency requests in flight, each followed by the next (closed loop)
 * @param chunks content chunks of a streamed answer, 0 for a plain one
 * @param paced chunks come one by one, every {@link MockConnection#CHUNK_MILLIS} ms
 * @param usage the client asks for the usage chunk
 */
record Scenario(String name, int concurrency, int chunks, boolean paced, boolean usage) {
  /** A prompt long enough to be hashed into several text blocks. */
  private static final int PROMPT_BYTES = 2048;

  /** Distinct prompts of a run; a peer that keeps a tree sees them come back, as sessions do. */
  private static final int PROMPTS = 256;

  /** The four kinds that the report has, in its order. */
  static List<Scenario> all(boolean usage) {
    return List.of(
        new Scenario("plain c=1", 1, 0, false, usage),
        new Scenario("plain c=32", 32, 0, false, usage),
        new Scenario("paced SSE 200x50", 200, 50, true, usage),
        new Scenario("burst SSE c=32", 32, 20, false, usage));
  }

  boolean streamed() {
    return chunks > 0;
  }

  /** Events that a whole answer has: content, usage if asked for, and the end mark. */
  int events() {
    return chunks + (usage ? 1 : 0) + 1;
  }

  /** Over how long the first requests are spread, so that paced streams do not tick together. */
  Duration spread() {
    return paced ? Duration.ofMillis((long) chunks * MockConnection.CHUNK_MILLIS) : Duration.ZERO;
  }

  /** The request bodies, to be sent in turn. */
  List<Buffer> bodies(RandomGenerator random) {
    List<Buffer> bodies = new ArrayList<>(PROMPTS);
    for (int i = 0; i < PROMPTS; i++) {
      bodies.add(Buffer.buffer(body(prompt(random))));
    }
    return bodies;
  }

  private String body(String prompt) {
    String head =
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]"
            .formatted(MockConnection.MODEL, prompt);
    if (!streamed()) {
      return head + "}";
    }
    return head
        + ",\"stream\":true,\"max_tokens\":%d,\"temperature\":%d".formatted(chunks, paced ? 1 : 0)
        + (usage ? ",\"stream_options\":{\"include_usage\":true}}" : "}");
  }

  private static String prompt(RandomGenerator random) {
    StringBuilder prompt = new StringBuilder(PROMPT_BYTES + 8);
    while (prompt.length() < PROMPT_BYTES) {
      random.ints(2 + random.nextInt(7), 'a', 'z' + 1).forEach(prompt::appendCodePoint);
      prompt.append(' ');
    }
    return prompt.substring(0, PROMPT_BYTES);
  }
}
