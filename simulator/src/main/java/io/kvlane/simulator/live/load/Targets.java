package io.kvlane.simulator.live.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Base URLs by region, used in turn within each. Confined to one thread. */
final class Targets {
  static final String FORM = "[REGION=]http://HOST:PORT";

  private final List<String> names;
  private final List<List<String>> urls;
  private final int[] next;

  private Targets(Map<String, List<String>> byRegion) {
    names = List.copyOf(byRegion.keySet());
    urls = List.copyOf(byRegion.values());
    next = new int[names.size()];
  }

  /** Reads {@link #FORM}; URLs without a region are one of their own, whose name is empty. */
  static Targets parse(List<String> texts) {
    Map<String, List<String>> byRegion = new LinkedHashMap<>();
    for (String text : texts) {
      if (!text.matches("([\\w.-]+=)?https?://[^/\\s]+(/\\S*)?")) {
        throw new IllegalArgumentException(text + " (expected: " + FORM + ")");
      }
      int at = text.indexOf('=');
      boolean named = at >= 0 && at < text.indexOf(':');
      String region = named ? text.substring(0, at) : "";
      String url = text.substring(named ? at + 1 : 0).replaceAll("/+$", "");
      byRegion.computeIfAbsent(region, ignored -> new ArrayList<>()).add(url);
    }
    return new Targets(byRegion);
  }

  boolean isEmpty() {
    return names.isEmpty();
  }

  /** The regions, in the order given. */
  List<String> regions() {
    return names;
  }

  /** All base URLs. */
  List<String> all() {
    return urls.stream().flatMap(List::stream).toList();
  }

  /** The next base URL of a region, which counts from 0. */
  String next(int region) {
    List<String> all = urls.get(region);
    return all.get(Math.floorMod(next[region]++, all.size()));
  }
}
