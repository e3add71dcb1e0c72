package io.kvlane.simulator.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads arrivals and lengths of the Azure LLM inference traces of 2023: CSV with the columns {@code
 * TIMESTAMP,ContextTokens,GeneratedTokens}. They say nothing about prefixes.
 *
 * @see <a href="https://github.com/Azure/AzurePublicDataset">AzurePublicDataset</a>, P. Patel et
 *     al., "Splitwise", ISCA'24
 */
public final class AzureTrace {
  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss[.SSSSSSSSS][.SSSSSSS][.SSSSSS][.SSS]");

  private AzureTrace() {}

  /**
   * A request of which no content is known.
   *
   * @param atNanos arrival, from the trace's first
   * @param inputTokens length of the prompt, at least 1
   * @param outputTokens length of the answer, at least 1
   */
  public record Arrival(long atNanos, int inputTokens, int outputTokens) {}

  /**
   * The first requests of a file, plain or {@code .gz}, in order.
   *
   * @throws IOException if the file cannot be read or a line is not as it should be; the message
   *     names the line
   */
  public static List<Arrival> read(Path file, int limit) throws IOException {
    List<Arrival> arrivals = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(MooncakeTrace.open(file), StandardCharsets.UTF_8))) {
      String line = in.readLine();
      if (!HEADER.equals(line)) {
        throw new IOException(file + ":1: expected the header " + HEADER);
      }
      LocalDateTime first = LocalDateTime.MAX;
      for (int number = 2; arrivals.size() < limit && (line = in.readLine()) != null; number++) {
        if (line.isBlank()) {
          continue;
        }
        String at = file + ":" + number;
        String[] fields = line.split(",", -1);
        if (fields.length != 3) {
          throw new IOException(at + ": expected three fields");
        }
        LocalDateTime stamp = stamp(fields[0], at);
        first = arrivals.isEmpty() ? stamp : first;
        long nanos = first.until(stamp, ChronoUnit.NANOS);
        if (nanos < (arrivals.isEmpty() ? 0 : arrivals.getLast().atNanos())) {
          throw new IOException(at + ": TIMESTAMP: expected the lines in order of time");
        }
        arrivals.add(
            new Arrival(
                nanos,
                tokens(fields[1], "ContextTokens", at),
                tokens(fields[2], "GeneratedTokens", at)));
      }
    }
    return List.copyOf(arrivals);
  }

  private static LocalDateTime stamp(String text, String at) throws IOException {
    try {
      return LocalDateTime.parse(text, STAMP);
    } catch (DateTimeParseException e) {
      throw new IOException(at + ": TIMESTAMP: expected like 2023-11-16 18:15:46.6805900", e);
    }
  }

  private static int tokens(String text, String field, String at) throws IOException {
    if (!text.matches("\\d{1,7}")) {
      throw new IOException(at + ": " + field + ": expected a number from 0 to 9999999");
    }
    return Math.max(1, Integer.parseInt(text));
  }
}
