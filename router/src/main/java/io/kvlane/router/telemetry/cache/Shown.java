package io.kvlane.router.telemetry.cache;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sums as people and dashboards read them. */
final class Shown {
  private Shown() {}

  /** A part of a summary. */
  private static Map<String, Object> group(String key, Sums sums) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("key", key);
    put(shown, "requests", sums, Count.REQUESTS);
    put(shown, "errors", sums, Count.ERRORS);
    put(shown, "unreported", sums, Count.UNREPORTED);
    tokens(shown, sums);
    put(shown, "reusableTokens", sums, Count.REUSABLE);
    put(shown, "selectedTokens", sums, Count.PREDICTED);
    put(shown, "deliveredTokens", sums, Count.REPORTED);
    Map<String, Object> lost = new LinkedHashMap<>();
    put(lost, "workload", sums, Count.LOST_WORKLOAD);
    put(lost, "load", sums, Count.LOST_LOAD);
    put(lost, "policy", sums, Count.LOST_POLICY);
    put(lost, "residency", sums, Count.LOST_RESIDENCY);
    put(lost, "distance", sums, Count.LOST_DISTANCE);
    put(lost, "health", sums, Count.LOST_HEALTH);
    put(lost, "falseHits", sums, Count.FALSE_HIT);
    put(lost, "falseMisses", sums, Count.FALSE_MISS);
    shown.put("lost", lost);
    shown.put("ttftColdP50Ms", Sums.quantileMs(sums.cold, 0.5));
    shown.put("ttftColdP95Ms", Sums.quantileMs(sums.cold, 0.95));
    shown.put("ttftWarmP50Ms", Sums.quantileMs(sums.warm, 0.5));
    shown.put("ttftWarmP95Ms", Sums.quantileMs(sums.warm, 0.95));
    Map<String, Object> decisions = new LinkedHashMap<>();
    put(decisions, "hit", sums, Count.HIT);
    put(decisions, "home", sums, Count.HOME);
    put(decisions, "spill", sums, Count.SPILL);
    put(decisions, "forward", sums, Count.FORWARD);
    put(decisions, "failover", sums, Count.FAILOVER);
    put(decisions, "off", sums, Count.OFF);
    shown.put("decisions", decisions);
    return shown;
  }

  /** A point of a series. */
  private static Map<String, Object> point(long at, Sums sums) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("at", Instant.ofEpochMilli(at).toString());
    put(shown, "requests", sums, Count.REQUESTS);
    put(shown, "errors", sums, Count.ERRORS);
    tokens(shown, sums);
    shown.put("ttftP50Ms", Sums.quantileMs(sums.firstTokens(), 0.5));
    shown.put("ttftP95Ms", Sums.quantileMs(sums.firstTokens(), 0.95));
    return shown;
  }

  private static void tokens(Map<String, Object> shown, Sums sums) {
    put(shown, "promptTokens", sums, Count.PROMPT);
    put(shown, "predictedTokens", sums, Count.PREDICTED);
    put(shown, "reportedTokens", sums, Count.REPORTED);
    double prompt = Math.max(1, sums.get(Count.PROMPT));
    shown.put("hitRatioPredicted", sums.get(Count.PREDICTED) / prompt);
    shown.put("hitRatioReported", sums.get(Count.REPORTED) / prompt);
    put(shown, "savedTokens", sums, Count.REPORTED);
    put(shown, "savedMicroUsd", sums, Count.SAVED_MICRO_USD);
  }

  private static void put(Map<String, Object> shown, String name, Sums sums, Count count) {
    shown.put(name, Math.round(sums.get(count)));
  }

  /** Groups over all steps. */
  static List<Map<String, Object>> groups(Map<Long, Map<String, Sums>> steps) {
    Map<String, Sums> all = new TreeMap<>();
    steps
        .values()
        .forEach(
            groups ->
                groups.forEach((key, sums) -> all.computeIfAbsent(key, k -> new Sums()).add(sums)));
    List<Map<String, Object>> shown = new ArrayList<>();
    all.forEach((key, sums) -> shown.add(group(key, sums)));
    return shown;
  }

  /** A series for each group; steps without requests are left out. */
  static List<Map<String, Object>> series(Map<Long, Map<String, Sums>> steps) {
    Map<String, List<Map<String, Object>>> points = new TreeMap<>();
    steps.forEach(
        (at, groups) ->
            groups.forEach(
                (key, sums) ->
                    points.computeIfAbsent(key, k -> new ArrayList<>()).add(point(at, sums))));
    List<Map<String, Object>> shown = new ArrayList<>();
    points.forEach((key, list) -> shown.add(Map.of("key", key, "points", list)));
    return shown;
  }
}
