package io.kvlane.router.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What differs between two contents. Lists are compared as a whole. */
public final class Diff {
  private Diff() {}

  /**
   * One difference.
   *
   * @param op {@code add}, {@code remove} or {@code replace}
   * @param path a JSON pointer (RFC 6901), like {@code /policies/default/priority}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Entry(String op, String path, @Nullable JsonNode from, @Nullable JsonNode to) {}

  /** What leads from one content to the other, in the order of the paths. */
  public static List<Entry> between(Content from, Content to) {
    List<Entry> entries = new ArrayList<>();
    for (Content.Delta delta : from.deltasTo(to)) {
      ResourceKey key = delta.key();
      compare('/' + key.toString(), tree(from.get(key)), tree(to.get(key)), entries);
    }
    return List.copyOf(entries);
  }

  private static @Nullable ObjectNode tree(Content.@Nullable Item item) {
    return item == null ? null : ResourceJson.tree(item.resource());
  }

  private static void compare(
      String path, @Nullable JsonNode from, @Nullable JsonNode to, List<Entry> entries) {
    if (from == null || to == null) {
      entries.add(new Entry(from == null ? "add" : "remove", path, from, to));
    } else if (from instanceof ObjectNode old && to instanceof ObjectNode young) {
      var names = new TreeSet<String>();
      old.fieldNames().forEachRemaining(names::add);
      young.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        compare(path + '/' + escape(name), old.get(name), young.get(name), entries);
      }
    } else if (!from.equals(to)) {
      entries.add(new Entry("replace", path, from, to));
    }
  }

  /** A field's name as a part of a JSON pointer. */
  static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
