package io.kvlane.simulator.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/** A recorded vLLM run: what was asked, and the cache events that came out. */
record Recording(List<JsonNode> steps, List<List<Event>> messages) {

  /** A recorded event, its encoding forgotten. Parent 0 is none. */
  record Event(String type, List<Long> hashes, long parent, int[] tokens, String salt) {}

  static Recording read(Path folder) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("steps.jsonl"))) {
      steps.add(json.readTree(line));
    }
    List<List<Event>> messages = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".bin")).sorted().toList()) {
        messages.add(events(Files.readAllBytes(file)));
      }
    }
    return new Recording(steps, messages);
  }

  private static List<Event> events(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file);
    byte[] frame = {};
    while (in.hasRemaining()) {
      frame = new byte[in.getInt()];
      in.get(frame);
    }
    List<Event> events = new ArrayList<>();
    try (var unpacker = MessagePack.newDefaultUnpacker(frame)) {
      for (Value event : unpacker.unpackValue().asArrayValue().get(1).asArrayValue()) {
        events.add(event(event));
      }
    }
    return events;
  }

  private static Event event(Value event) {
    Map<String, Value> fields = new HashMap<>();
    if (event.isMapValue()) {
      event.asMapValue().map().forEach((k, v) -> fields.put(k.asStringValue().asString(), v));
    } else {
      List<Value> values = event.asArrayValue().list();
      String type = values.getFirst().asStringValue().asString();
      List<String> names =
          type.equals("BlockStored")
              ? List.of(
                  "type",
                  "block_hashes",
                  "parent_block_hash",
                  "token_ids",
                  "",
                  "",
                  "",
                  "",
                  "extra_keys")
              : List.of("type", "block_hashes", "medium");
      for (int i = 0; i < values.size(); i++) {
        fields.put(names.get(i), values.get(i));
      }
    }
    Value nothing = ValueFactory.newArray();
    List<Long> hashes = new ArrayList<>();
    for (Value hash : fields.getOrDefault("block_hashes", nothing).asArrayValue()) {
      hashes.add(hash.asIntegerValue().asBigInteger().longValue());
    }
    Value parent = fields.getOrDefault("parent_block_hash", ValueFactory.newNil());
    List<Value> tokens = fields.getOrDefault("token_ids", nothing).asArrayValue().list();
    List<Value> extra = fields.getOrDefault("extra_keys", nothing).asArrayValue().list();
    return new Event(
        fields.get("type").asStringValue().asString(),
        hashes,
        parent.isNilValue() ? 0 : parent.asIntegerValue().asBigInteger().longValue(),
        tokens.stream().mapToInt(t -> t.asIntegerValue().asInt()).toArray(),
        extra.isEmpty() || extra.getFirst().isNilValue()
            ? ""
            : extra.getFirst().asArrayValue().get(0).asStringValue().asString());
  }
}
