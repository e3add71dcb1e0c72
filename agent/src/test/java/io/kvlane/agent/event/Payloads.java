package io.kvlane.agent.event;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Writes payloads from plain Java values, as engines do. */
public final class Payloads {
  private Payloads() {}

  /** A batch {@code [1.5, events, 0]}. */
  public static byte[] batch(Object... events) {
    return pack(List.of(1.5, List.of(events), 0));
  }

  public static byte[] batchOfRank(int rank, Object... events) {
    return pack(List.of(1.5, List.of(events), rank));
  }

  /** A stored event as vLLM 0.9 writes it, its tokens counting up from {@code firstToken}. */
  public static List<Object> stored(
      List<Long> hashes, @Nullable Long parent, int firstToken, int blockSize) {
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < hashes.size() * blockSize; i++) {
      tokens.add(firstToken + i);
    }
    return array("BlockStored", hashes, parent, tokens, blockSize, null);
  }

  public static List<Object> removed(Long... hashes) {
    return array("BlockRemoved", List.of(hashes));
  }

  /** A list that may hold nulls. */
  public static List<Object> array(@Nullable Object... values) {
    List<Object> list = new ArrayList<>();
    for (Object value : values) {
      list.add(value);
    }
    return list;
  }

  public static byte[] pack(Object value) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      write(packer, value);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(MessageBufferPacker out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.packNil();
      case String text -> out.packString(text);
      case Double number -> out.packDouble(number);
      case Integer number -> out.packInt(number);
      case Long number -> out.packLong(number);
      case byte[] bytes -> out.packBinaryHeader(bytes.length).writePayload(bytes);
      case List<?> list -> {
        out.packArrayHeader(list.size());
        for (Object element : list) {
          write(out, element);
        }
      }
      case Map<?, ?> map -> {
        out.packMapHeader(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          write(out, entry.getKey());
          write(out, entry.getValue());
        }
      }
      default -> throw new IllegalArgumentException("cannot write " + value.getClass());
    }
  }
}
