package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A resource as a file wants it.
 *
 * @param file its name, for messages
 * @param fields all but {@code kind}
 * @param lines where each value stands in the file, by JSON pointer; {@code ""} for the whole
 */
record Manifest(Kind kind, String id, ObjectNode fields, String file, Map<String, Integer> lines) {
  /** What can be written into a file. */
  enum Kind {
    POLICY("Policy", Things.POLICIES.collection()),
    POOL("Pool", Things.POOLS.collection()),
    TENANT("Tenant", Things.TENANTS.collection());

    private final String word;
    private final String collection;

    Kind(String word, String collection) {
      this.word = word;
      this.collection = collection;
    }

    /** As files say it. */
    String word() {
      return word;
    }

    /** As paths and change sets say it. */
    String collection() {
      return collection;
    }

    static Optional<Kind> of(String word) {
      return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
    }

    static @Nullable Kind of(Things things) {
      return Arrays.stream(values())
          .filter(kind -> kind.collection.equals(things.collection()))
          .findFirst()
          .orElse(null);
    }

    static String words() {
      return Arrays.stream(values()).map(Kind::word).collect(Collectors.joining(", "));
    }
  }

  /** {@code policies/default}. */
  String name() {
    return kind.collection() + '/' + id;
  }

  /** {@code FILE:LINE}, and the field if there is one; of the nearest that the file has. */
  String place(String pointer) {
    String at = pointer;
    while (!lines.containsKey(at) && !at.isEmpty()) {
      at = at.substring(0, at.lastIndexOf('/'));
    }
    String field = pointer.isEmpty() ? "" : ": " + pointer;
    return file + ':' + lines.getOrDefault(at, 1) + field;
  }
}
