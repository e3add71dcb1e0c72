package io.kvlane.simulator.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads traces in the Mooncake format: one JSON object per line with {@code timestamp} (ms), {@code
 * input_length}, {@code output_length} and {@code hash_ids}.
 *
 * @see <a href="https://github.com/kvcache-ai/Mooncake">kvcache-ai/Mooncake, FAST25-release</a>
 */
public final class MooncakeTrace {
  /** Prompt tokens per block id. */
  public static final int BLOCK_TOKENS = 512;

  private MooncakeTrace() {}

  /**
   * The first requests of a file, plain or {@code .gz}, in order. Arrivals that share a stamp are
   * spread over the time to the next stamp.
   *
   * @throws IOException if the file cannot be read or a line is not as it should be; the message
   *     names the line
   */
  public static List<TraceRequest> read(Path file, int limit) throws IOException {
    List<TraceRequest> requests = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
      String line;
      while (requests.size() <= limit && (line = in.readLine()) != null) {
        if (!line.isBlank()) {
          requests.add(request(json, line, file + ":" + (requests.size() + 1)));
        }
      }
    }
    // The request after the last tells how long the last step is.
    List<TraceRequest> spread = spread(requests);
    return List.copyOf(spread.subList(0, Math.min(limit, spread.size())));
  }

  static InputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private static TraceRequest request(ObjectMapper json, String line, String at)
      throws IOException {
    JsonNode node;
    try {
      node = json.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IOException(at + ": not valid JSON", e);
    }
    int input = number(node, "input_length", at);
    JsonNode ids = node.path("hash_ids");
    if (!ids.isArray() || input < 1 || ids.size() != Math.ceilDiv(input, BLOCK_TOKENS)) {
      throw new IOException(
          at + ": hash_ids: expected one id per " + BLOCK_TOKENS + " tokens of input_length");
    }
    int[] blocks = new int[ids.size()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = ids.get(i).asInt();
    }
    return new TraceRequest(
        number(node, "timestamp", at), input, number(node, "output_length", at), blocks);
  }

  private static int number(JsonNode node, String field, String at) throws IOException {
    JsonNode value = node.path(field);
    if (!value.isNumber() || value.asLong() < 0 || value.asLong() > Integer.MAX_VALUE) {
      throw new IOException(at + ": " + field + ": expected a number of at least 0");
    }
    return value.asInt();
  }

  private static List<TraceRequest> spread(List<TraceRequest> requests) {
    List<TraceRequest> spread = new ArrayList<>(requests.size());
    int from = 0;
    while (from < requests.size()) {
      long stamp = requests.get(from).atMillis();
      int to = from;
      while (to < requests.size() && requests.get(to).atMillis() == stamp) {
        to++;
      }
      long step = to < requests.size() ? requests.get(to).atMillis() - stamp : 0;
      for (int i = from; i < to; i++) {
        TraceRequest r = requests.get(i);
        long at = stamp + step * (i - from) / (to - from);
        spread.add(new TraceRequest(at, r.inputTokens(), r.outputTokens(), r.blocks()));
      }
      from = to;
    }
    return spread;
  }
}
