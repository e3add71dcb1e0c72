package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.CacheEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * Encodes a batch of cache events as vLLM does: {@code [seconds, [event...], rank]}, each event a
 * map as vLLM 0.32 writes it or an array as 0.18 does.
 *
 * @see <a
 *     href="https://github.com/vllm-project/vllm/blob/main/vllm/distributed/kv_events.py">vllm/distributed/kv_events.py</a>
 */
final class EventCodec {
  private static final int STORED_KEYS = 11;
  private static final int STORED_FIELDS = 9;

  private final EventOptions.Format format;
  private final List<String> loras;

  EventCodec(EventOptions.Format format, List<String> loras) {
    this.format = format;
    this.loras = loras;
  }

  byte[] encode(double seconds, List<CacheEvent> events) {
    try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
      out.packArrayHeader(3).packDouble(seconds).packArrayHeader(events.size());
      for (CacheEvent event : events) {
        if (format == EventOptions.Format.MAP) {
          map(event, out);
        } else {
          array(event, out);
        }
      }
      out.packInt(0);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("memory buffer", e);
    }
  }

  private void map(CacheEvent event, MessageBufferPacker out) throws IOException {
    switch (event) {
      case CacheEvent.Stored stored -> {
        out.packMapHeader(STORED_KEYS).packString("type").packString("BlockStored");
        out.packString("block_hashes");
        hashes(stored.hashes(), out);
        out.packString("parent_block_hash");
        parent(stored.parent(), out);
        out.packString("token_ids");
        tokens(stored.tokens(), out);
        out.packString("block_size").packInt(stored.blockSize()).packString("lora_id");
        loraId(stored, out);
        out.packString("medium").packString("GPU").packString("lora_name");
        loraName(stored, out);
        out.packString("extra_keys");
        extraKeys(stored, out);
        out.packString("group_idx").packInt(0);
        out.packString("kv_cache_spec_kind").packString("full_attention");
      }
      case CacheEvent.Removed removed -> {
        out.packMapHeader(4).packString("type").packString("BlockRemoved");
        out.packString("block_hashes").packArrayHeader(1);
        hash(removed.hash(), out);
        out.packString("medium").packString("GPU").packString("group_idx").packInt(0);
      }
      case CacheEvent.Cleared() ->
          out.packMapHeader(1).packString("type").packString("AllBlocksCleared");
    }
  }

  private void array(CacheEvent event, MessageBufferPacker out) throws IOException {
    switch (event) {
      case CacheEvent.Stored stored -> {
        out.packArrayHeader(STORED_FIELDS).packString("BlockStored");
        hashes(stored.hashes(), out);
        parent(stored.parent(), out);
        tokens(stored.tokens(), out);
        out.packInt(stored.blockSize());
        loraId(stored, out);
        out.packString("GPU");
        loraName(stored, out);
        extraKeys(stored, out);
      }
      case CacheEvent.Removed removed -> {
        out.packArrayHeader(3).packString("BlockRemoved").packArrayHeader(1);
        hash(removed.hash(), out);
        out.packString("GPU");
      }
      case CacheEvent.Cleared() -> out.packArrayHeader(1).packString("AllBlocksCleared");
    }
  }

  private static void hashes(long[] hashes, MessageBufferPacker out) throws IOException {
    out.packArrayHeader(hashes.length);
    for (long hash : hashes) {
      hash(hash, out);
    }
  }

  /** Hashes are unsigned: half of them are above 2^63. */
  private static void hash(long hash, MessageBufferPacker out) throws IOException {
    if (hash >= 0) {
      out.packLong(hash);
    } else {
      out.packBigInteger(new java.math.BigInteger(Long.toUnsignedString(hash)));
    }
  }

  private static void parent(@Nullable Long parent, MessageBufferPacker out) throws IOException {
    if (parent == null) {
      out.packNil();
    } else {
      hash(parent, out);
    }
  }

  private static void tokens(int[] tokens, MessageBufferPacker out) throws IOException {
    out.packArrayHeader(tokens.length);
    for (int token : tokens) {
      out.packInt(token);
    }
  }

  private void loraId(CacheEvent.Stored stored, MessageBufferPacker out) throws IOException {
    if (stored.root().lora().isEmpty()) {
      out.packNil();
    } else {
      out.packInt(loras.indexOf(stored.root().lora()) + 1);
    }
  }

  private static void loraName(CacheEvent.Stored stored, MessageBufferPacker out)
      throws IOException {
    if (stored.root().lora().isEmpty()) {
      out.packNil();
    } else {
      out.packString(stored.root().lora());
    }
  }

  /** Per block: the adapter's name; in a prompt's first block the salt behind it. */
  private static void extraKeys(CacheEvent.Stored stored, MessageBufferPacker out)
      throws IOException {
    String lora = stored.root().lora();
    String salt = stored.root().salt();
    out.packArrayHeader(stored.hashes().length);
    for (int i = 0; i < stored.hashes().length; i++) {
      boolean salted = i == 0 && stored.parent() == null && !salt.isEmpty();
      int keys = (lora.isEmpty() ? 0 : 1) + (salted ? 1 : 0);
      if (keys == 0) {
        out.packNil();
        continue;
      }
      out.packArrayHeader(keys);
      if (!lora.isEmpty()) {
        out.packString(lora);
      }
      if (salted) {
        out.packString(salt);
      }
    }
  }
}
