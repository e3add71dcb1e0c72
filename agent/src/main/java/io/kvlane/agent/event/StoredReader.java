package io.kvlane.agent.event;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/** Reads the fields of one {@code BlockStored}. */
final class StoredReader {
  private static final long MAX_TOKEN = 0xffff_ffffL;
  private static final int MAX_BLOCK_SIZE = 1 << 20;
  private static final int MAX_GROUP = 0xffff;

  /** Hashes as bytes: 32 with SHA-256, 16 with a 128-bit hash. */
  private static final int MAX_HASH_BYTES = 64;

  /** How deep vLLM nests an extra key: a tuple of an identifier and its place. */
  private static final int MAX_DEPTH = 4;

  private final Cursor in;
  private final EventFields fields;
  private int[] tokens = {};
  private int[] seconds = {};

  StoredReader(Cursor in, EventFields fields) {
    this.in = in;
    this.fields = fields;
  }

  KvEvent.BlockStored read() throws MalformedException {
    long[] hashes = hashes(in, fields);
    Long parent = fields.find("parent_block_hash") ? parent() : null;
    fields.require("block_size");
    int blockSize = (int) in.integer("block_size", 0, MAX_BLOCK_SIZE);
    if (fields.find("token_ids")) {
      readTokens();
    }
    if (tokens.length != (long) hashes.length * blockSize) {
      throw new MalformedException(
          tokens.length + " tokens for " + hashes.length + " blocks of " + blockSize);
    }
    Medium medium = Medium.of(fields.string("medium"), fields.string("locality"));
    String salt = fields.string("cache_salt");
    String lora = "";
    if (fields.find("lora_name")) {
      if (fields.isArray() && in.type() == ValueType.MAP) {
        salt = saltOfMap();
      } else {
        lora = in.string("lora_name");
      }
    }
    if (lora.isEmpty() && fields.find("lora_id")) {
      lora =
          '#' + (in.type() == ValueType.INTEGER ? "" + in.bits("lora_id") : in.string("lora_id"));
    }
    List<List<String>> extraKeys = fields.find("extra_keys") ? extraKeys() : List.of();
    int group = fields.find("group_idx") ? group(in) : 0;
    String kind = fields.string("kv_cache_spec_kind");
    return new KvEvent.BlockStored(
        hashes, parent, tokens, seconds, blockSize, medium, lora, salt, extraKeys, group, kind);
  }

  static int group(Cursor in) throws MalformedException {
    return (int) in.integer("group_idx", 0, MAX_GROUP);
  }

  static long[] hashes(Cursor in, EventFields fields) throws MalformedException {
    fields.require("block_hashes");
    long[] hashes = new long[in.array("block_hashes")];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = hash(in, "block hash");
    }
    return hashes;
  }

  private static long hash(Cursor in, String what) throws MalformedException {
    if (in.type() != ValueType.BINARY) {
      return in.bits(what);
    }
    byte[] bytes = in.binary(what);
    if (bytes.length < Long.BYTES || bytes.length > MAX_HASH_BYTES) {
      throw new MalformedException(what + " of " + bytes.length + " bytes");
    }
    return ByteBuffer.wrap(bytes).getLong(bytes.length - Long.BYTES);
  }

  private @Nullable Long parent() throws MalformedException {
    long parent = hash(in, "parent_block_hash");
    return parent == 0 && fields.isArray() ? null : Long.valueOf(parent);
  }

  private void readTokens() throws MalformedException {
    tokens = new int[in.array("token_ids")];
    boolean pairs = tokens.length > 0 && in.type() == ValueType.ARRAY;
    seconds = pairs ? new int[tokens.length] : seconds;
    for (int i = 0; i < tokens.length; i++) {
      if (pairs && in.array("token pair") != 2) {
        throw new MalformedException("token pair " + i + " is no pair");
      }
      tokens[i] = (int) in.integer("token id", 0, MAX_TOKEN);
      if (pairs) {
        seconds[i] = (int) in.integer("token id", 0, MAX_TOKEN);
      }
    }
  }

  /** SGLang 0.5.18 and 0.5.19 put a map with the salt where vLLM has the LoRA adapter's name. */
  private @Nullable String saltOfMap() throws MalformedException {
    String salt = null;
    int entries = in.map("element 7");
    for (int i = 0; i < entries; i++) {
      if (!in.string("key").equals("cache_salt")) {
        throw new MalformedException("element 7 is a map with a key other than cache_salt");
      }
      salt = in.nil() ? null : in.string("cache_salt");
    }
    return salt;
  }

  private List<List<String>> extraKeys() throws MalformedException {
    int blocks = in.array("extra_keys");
    List<List<String>> all = new ArrayList<>(blocks);
    for (int i = 0; i < blocks; i++) {
      all.add(in.nil() ? List.of() : texts("extra_keys", 0));
    }
    return all;
  }

  private List<String> texts(String what, int depth) throws MalformedException {
    int count = in.array(what);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(text(what, depth + 1));
    }
    return List.copyOf(texts);
  }

  /** A key of any kind in a form that differs where the keys differ; strings as they are. */
  private String text(String what, int depth) throws MalformedException {
    if (depth > MAX_DEPTH) {
      throw new MalformedException(what + " is nested too deep");
    }
    return switch (in.type()) {
      case STRING -> in.string(what);
      case INTEGER -> "\u0000i" + in.bits(what);
      case FLOAT -> "\u0000f" + in.number(what);
      case BINARY -> "\u0000b" + HexFormat.of().formatHex(in.binary(what));
      case ARRAY -> "\u0000a" + texts(what, depth);
      case NIL -> {
        in.nil();
        yield "\u0000n";
      }
      default -> throw new MalformedException(what + " holds a " + in.type());
    };
  }
}
