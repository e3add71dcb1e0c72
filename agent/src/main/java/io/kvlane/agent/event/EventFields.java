package io.kvlane.agent.event;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/** Where one event's fields lie: arrays name them by position, maps by key. */
final class EventFields {
  private static final String TYPE = "type";

  private static final List<String> STORED =
      List.of(
          TYPE,
          "block_hashes",
          "parent_block_hash",
          "token_ids",
          "block_size",
          "lora_id",
          "medium",
          "lora_name",
          "extra_keys",
          "group_idx",
          "kv_cache_spec_kind",
          "kv_cache_spec_sliding_window");
  private static final List<String> REMOVED = List.of(TYPE, "block_hashes", "medium", "group_idx");
  private static final List<String> CLEARED = List.of(TYPE);

  /** Fields that only maps carry; those that nothing here uses are known all the same. */
  private static final List<String> MAP_ONLY =
      List.of("locality", "ownership", "session_id", "cache_salt", "lookahead_token_ids");

  private final Cursor cursor;
  private final String kind;
  private final boolean array;
  private final Map<String, Integer> offsets;
  private final List<String> unknown;

  private EventFields(
      Cursor cursor,
      String kind,
      boolean array,
      Map<String, Integer> offsets,
      List<String> unknown) {
    this.cursor = cursor;
    this.kind = kind;
    this.array = array;
    this.offsets = offsets;
    this.unknown = unknown;
  }

  /** Finds the fields of the event at the cursor; the cursor is moved anywhere. */
  static EventFields at(Cursor cursor) throws MalformedException {
    return cursor.type() == ValueType.MAP ? ofMap(cursor) : ofArray(cursor);
  }

  private static EventFields ofArray(Cursor cursor) throws MalformedException {
    int elements = cursor.array("event");
    if (elements == 0) {
      throw new MalformedException("event is an empty array");
    }
    String kind = cursor.string(TYPE);
    List<String> names = names(kind);
    Map<String, Integer> offsets = new HashMap<>();
    for (int i = 1; i < Math.min(elements, names.size()); i++) {
      offsets.put(names.get(i), cursor.position());
      cursor.skip();
    }
    int extra = elements - names.size();
    boolean surplus = extra > 0 && isKnown(kind);
    List<String> unknown = surplus ? List.of(extra + " further elements") : List.of();
    return new EventFields(cursor, kind, true, offsets, unknown);
  }

  private static EventFields ofMap(Cursor cursor) throws MalformedException {
    int entries = cursor.map("event");
    Map<String, Integer> offsets = new HashMap<>();
    int strangers = 0;
    for (int i = 0; i < entries; i++) {
      boolean named = cursor.type() == ValueType.STRING;
      String name = named ? cursor.string("field name") : "";
      if (!named) {
        cursor.skip();
      }
      if (STORED.contains(name) || MAP_ONLY.contains(name)) {
        offsets.put(name, cursor.position());
      } else {
        strangers++;
      }
      cursor.skip();
    }
    Integer type = offsets.get(TYPE);
    if (type == null) {
      throw new MalformedException("event is a map without " + TYPE);
    }
    cursor.seek(type);
    String kind = cursor.string(TYPE);
    List<String> unknown = strangers == 0 ? List.of() : List.of(strangers + " unknown keys");
    return new EventFields(cursor, kind, false, offsets, unknown);
  }

  private static List<String> names(String kind) {
    return switch (kind) {
      case "BlockStored" -> STORED;
      case "BlockRemoved" -> REMOVED;
      default -> CLEARED;
    };
  }

  private static boolean isKnown(String kind) {
    return kind.equals("AllBlocksCleared") || names(kind).size() > 1;
  }

  String kind() {
    return kind;
  }

  /** Whether the event is an array: there 0 says that a block has no parent. */
  boolean isArray() {
    return array;
  }

  /** What the event holds that this reader does not know. */
  List<String> unknown() {
    return unknown;
  }

  /** Moves the cursor to a field. False if it is absent or nil. */
  boolean find(String name) throws MalformedException {
    Integer offset = offsets.get(name);
    if (offset == null) {
      return false;
    }
    cursor.seek(offset);
    return !cursor.nil();
  }

  /** As {@link #find}, for fields that must be there. */
  void require(String name) throws MalformedException {
    if (!find(name)) {
      throw new MalformedException(kind + " without " + name);
    }
  }

  @Nullable String string(String name) throws MalformedException {
    return find(name) ? cursor.string(name) : null;
  }
}
