package io.kvlane.agent.event;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The recordings and golden payloads; tests that need them are skipped where they are not. */
public final class EventData {
  public static final List<String> RECORDINGS = List.of("vllm-0.18.0", "vllm-0.32.0");

  private static final ObjectMapper JSON = new ObjectMapper();

  private EventData() {}

  public record Golden(String name, byte[] payload) {}

  public static Path folder() {
    Path folder = Path.of(System.getProperty("kvlane.shared", "none"), "data", "kv-events");
    assumeTrue(Files.isDirectory(folder), "kvlane.shared holds no data/kv-events: skipped");
    return folder;
  }

  public static List<Golden> golden() {
    return lines(folder().resolve("golden.jsonl")).stream()
        .map(
            line ->
                new Golden(
                    line.path("name").asText(),
                    HexFormat.of().parseHex(line.path("payload_hex").asText())))
        .toList();
  }

  public static byte[] golden(String name) {
    return golden().stream().filter(g -> g.name().equals(name)).findFirst().orElseThrow().payload();
  }

  public static List<JsonNode> index(String recording) {
    return lines(folder().resolve(recording).resolve("index.jsonl"));
  }

  public static List<EventMessage> messages(String recording) {
    Path folder = folder().resolve(recording);
    try (var files = Files.list(folder)) {
      List<EventMessage> messages = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".bin")).sorted().toList()) {
        messages.add(EventMessage.ofRecording(Files.readAllBytes(file)));
      }
      return messages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<JsonNode> lines(Path file) {
    try {
      List<JsonNode> lines = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        lines.add(JSON.readTree(line));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
