package io.kvlane.agent.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.msgpack.value.ValueType;

/**
 * Reads payloads of vLLM (0.9 to 0.33), SGLang (0.4.7 to 0.5.23) and llm-d-inference-sim: batches
 * and events as arrays or as maps, with msgpack headers of any width. Unknown kinds and malformed
 * events are left out alone; what is left out is reported. Memory and time are bounded by the
 * payload's size, and no input makes it throw.
 *
 * <p>Stateless; safe for any thread.
 */
public final class EventDecoder {
  private static final int MAX_RANK = 0xffff;
  private static final String REMOVED = "BlockRemoved";

  private EventDecoder() {}

  /**
   * Reads one payload.
   *
   * @param problems told what was left out, the batch itself included
   * @return empty if the payload is no batch: its events are lost, as in a gap
   */
  public static Optional<EventBatch> decode(byte[] payload, Consumer<Problem> problems) {
    try {
      EventBatch batch = batch(new Cursor(payload));
      batch.problems().forEach(problems);
      return Optional.of(batch);
    } catch (MalformedException e) {
      problems.accept(new Problem(Problem.Reason.MALFORMED_BATCH, String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private static EventBatch batch(Cursor in) throws MalformedException {
    List<Problem> problems = new ArrayList<>();
    // Where ts, events and rank begin; -1 = absent.
    int[] parts = {-1, -1, -1};
    if (in.type() == ValueType.MAP) {
      int entries = in.map("batch");
      for (int i = 0; i < entries; i++) {
        int part = in.type() == ValueType.STRING ? part(in.string("batch key")) : skipKey(in);
        mark(in, part, parts, problems);
      }
    } else {
      int elements = in.array("batch");
      for (int i = 0; i < elements; i++) {
        mark(in, i < parts.length ? i : -1, parts, problems);
      }
    }
    if (in.remaining() > 0) {
      problems.add(new Problem(Problem.Reason.TRAILING_BYTES, in.remaining() + " bytes"));
    }
    if (parts[0] < 0 || parts[1] < 0) {
      throw new MalformedException("batch without time or events");
    }
    in.seek(parts[0]);
    double ts = in.nil() ? Double.NaN : in.number("ts");
    int rank = 0;
    if (parts[2] >= 0) {
      in.seek(parts[2]);
      rank = in.nil() ? 0 : (int) in.integer("data_parallel_rank", 0, MAX_RANK);
    }
    in.seek(parts[1]);
    return new EventBatch(ts, rank, events(in, problems), problems);
  }

  private static int part(String key) {
    return List.of("ts", "events", "data_parallel_rank").indexOf(key);
  }

  private static int skipKey(Cursor in) throws MalformedException {
    in.skip();
    return -1;
  }

  private static void mark(Cursor in, int part, int[] parts, List<Problem> problems)
      throws MalformedException {
    if (part < 0) {
      problems.add(new Problem(Problem.Reason.UNKNOWN_FIELD, "batch: at byte " + in.position()));
    } else {
      parts[part] = in.position();
    }
    in.skip();
  }

  private static List<KvEvent> events(Cursor in, List<Problem> problems) throws MalformedException {
    int count = in.array("events");
    List<KvEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int start = in.position();
      in.skip();
      int end = in.position();
      in.seek(start);
      Problem.Reason reason = Problem.Reason.MALFORMED_EVENT;
      try {
        EventFields fields = EventFields.at(in);
        reason = fields.kind().equals(REMOVED) ? Problem.Reason.LOST_REMOVAL : reason;
        event(in, fields, i, problems).ifPresent(events::add);
      } catch (MalformedException e) {
        problems.add(problem(reason, i, String.valueOf(e.getMessage())));
      }
      in.seek(end);
    }
    return events;
  }

  private static Optional<KvEvent> event(
      Cursor in, EventFields fields, int index, List<Problem> problems) throws MalformedException {
    Optional<KvEvent> event =
        switch (fields.kind()) {
          case "BlockStored" -> Optional.of(new StoredReader(in, fields).read());
          case REMOVED -> Optional.of(removed(in, fields));
          case "AllBlocksCleared" -> Optional.of(new KvEvent.AllBlocksCleared());
          default -> Optional.empty();
        };
    if (event.isEmpty()) {
      problems.add(problem(Problem.Reason.UNKNOWN_EVENT, index, "kind " + shorten(fields.kind())));
    } else {
      fields.unknown().stream()
          .map(what -> problem(Problem.Reason.UNKNOWN_FIELD, index, what))
          .forEach(problems::add);
    }
    return event;
  }

  private static KvEvent removed(Cursor in, EventFields fields) throws MalformedException {
    long[] hashes = StoredReader.hashes(in, fields);
    Medium medium = Medium.of(fields.string("medium"), fields.string("locality"));
    Integer group = fields.find("group_idx") ? StoredReader.group(in) : null;
    return new KvEvent.BlockRemoved(hashes, medium, group);
  }

  private static Problem problem(Problem.Reason reason, int index, String detail) {
    return new Problem(reason, "event " + index + ": " + detail);
  }

  private static String shorten(String kind) {
    String safe = kind.replaceAll("[^\\w.-]", "?");
    return safe.length() <= 40 ? safe : safe.substring(0, 40) + "...";
  }
}
