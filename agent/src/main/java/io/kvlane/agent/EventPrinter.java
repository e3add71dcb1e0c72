package io.kvlane.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.agent.event.EventBatch;
import io.kvlane.agent.event.EventDecoder;
import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.KvEvent;
import io.kvlane.agent.event.MalformedException;
import io.kvlane.agent.event.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints messages as JSON, one line each. Token ids and salts are prompt content: only on demand.
 */
final class EventPrinter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final boolean tokens;

  EventPrinter(boolean tokens) {
    this.tokens = tokens;
  }

  /** A line, and whether the payload was a batch. */
  record Line(String json, boolean decoded) {}

  /**
   * @param source where the message comes from; null to leave it out
   * @param message null for a bare payload
   */
  Line print(@Nullable String source, @Nullable EventMessage message, byte[] payload) {
    ObjectNode line = JSON.createObjectNode();
    if (source != null) {
      line.put("source", source);
    }
    if (message != null) {
      line.put("sequence", message.sequence()).put("topic", message.topic());
      if (message.isEnd()) {
        line.put("end", true).putArray("problems");
        return new Line(write(line), true);
      }
    }
    ArrayNode problems = JSON.createArrayNode();
    Optional<EventBatch> batch = EventDecoder.decode(payload, problem -> add(problems, problem));
    if (batch.isPresent()) {
      double ts = batch.get().ts();
      line.put("ts", Double.isFinite(ts) ? ts : null).put("rank", batch.get().rank());
      ArrayNode events = line.putArray("events");
      batch.get().events().forEach(event -> add(events, event));
    }
    line.set("problems", problems);
    return new Line(write(line), batch.isPresent());
  }

  /** A line for what is no message at all. */
  Line failure(String source, String detail) {
    ObjectNode line = JSON.createObjectNode().put("source", source);
    add(line.putArray("problems"), new Problem(Problem.Reason.MALFORMED_MESSAGE, detail));
    return new Line(write(line), false);
  }

  /** A line about the stream itself. */
  String note(String what, String value) {
    return write(JSON.createObjectNode().put(what, value));
  }

  private static String write(ObjectNode line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private static void add(ArrayNode problems, Problem problem) {
    problems.addObject().put("reason", problem.reason().label()).put("detail", problem.detail());
  }

  private void add(ArrayNode events, KvEvent event) {
    ObjectNode node = events.addObject();
    switch (event) {
      case KvEvent.BlockStored stored -> {
        node.put("type", "BlockStored");
        hashes(node, stored.hashes());
        Long parent = stored.parent();
        node.put("parent", parent == null ? null : Long.toUnsignedString(parent));
        node.put("block_size", stored.blockSize()).put("token_count", stored.tokens().length);
        node.put("medium", stored.medium().name().toLowerCase(Locale.ROOT));
        node.put("group", stored.group()).put("kind", stored.kind()).put("lora", stored.lora());
        boolean salted =
            stored.cacheSalt() != null || stored.extraKeys().stream().anyMatch(k -> !k.isEmpty());
        node.put("salt_or_extra_keys", salted);
        if (tokens) {
          tokens(node.putArray("tokens"), stored);
        }
      }
      case KvEvent.BlockRemoved removed -> {
        node.put("type", "BlockRemoved");
        hashes(node, removed.hashes());
        node.put("medium", removed.medium().name().toLowerCase(Locale.ROOT));
        node.put("group", removed.group());
      }
      case KvEvent.AllBlocksCleared _ -> node.put("type", "AllBlocksCleared");
    }
  }

  private static void tokens(ArrayNode out, KvEvent.BlockStored stored) {
    boolean pairs = stored.seconds().length > 0;
    for (int i = 0; i < stored.tokens().length; i++) {
      long first = Integer.toUnsignedLong(stored.tokens()[i]);
      if (pairs) {
        out.addArray().add(first).add(Integer.toUnsignedLong(stored.seconds()[i]));
      } else {
        out.add(first);
      }
    }
  }

  /** As strings: half of them are beyond what JSON readers take for a whole number. */
  private static void hashes(ObjectNode node, long[] hashes) {
    ArrayNode out = node.putArray("hashes");
    for (long hash : hashes) {
      out.add(Long.toUnsignedString(hash));
    }
  }

  /** Reads a recorded message, or else takes the bytes for a bare payload. */
  static List<EventMessage> recording(byte[] file) {
    try {
      return List.of(EventMessage.ofRecording(file));
    } catch (MalformedException e) {
      return List.of();
    }
  }
}
