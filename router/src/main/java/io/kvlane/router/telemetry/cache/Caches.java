package io.kvlane.router.telemetry.cache;

import io.kvlane.router.routing.Reasons;
import io.kvlane.router.telemetry.Finished;
import io.kvlane.router.telemetry.RegionAsk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * What caches brought to the requests of this router, and the way to what the region's other
 * routers know. Safe for any thread.
 */
public final class Caches {
  private static final String HISTORY = "cache-history";
  private static final String PREFIXES = "hot-prefixes";

  /** Prefixes that a router tells at a time: more than anybody is shown, since sums may differ. */
  private static final int MOST_TOLD = 500;

  private final String router;
  private final RegionAsk others;
  private final CacheHistory history;
  private final HotPrefixes prefixes;

  /**
   * What routers know together.
   *
   * @param routers whose requests these are
   * @param silent the region's routers that did not say in time what they know
   */
  public record Known<T>(T all, List<String> routers, List<String> silent) {}

  /** What caches brought, ready to be shown. */
  public static final class Report {
    private final Map<Long, Map<String, Sums>> steps;

    private Report(Map<Long, Map<String, Sums>> steps) {
      this.steps = steps;
    }

    /** A group for each key, over the whole time. */
    public List<Map<String, Object>> groups() {
      return Shown.groups(steps);
    }

    /** A series for each key; steps without requests are left out. */
    public List<Map<String, Object>> series() {
      return Shown.series(steps);
    }
  }

  /**
   * A prefix that is often reused.
   *
   * @param key of its last block
   * @param depthTokens its length
   * @param requests that found it cached
   * @param savedTokens tokens of it that they need not compute
   */
  public record Prefix(
      long key, String model, String tenant, long depthTokens, long requests, long savedTokens) {}

  private record Steps(Map<Long, Map<String, Sums>> steps) {}

  private record PrefixQuestion(long fromMillis, String model, Set<String> tenants) {}

  private record Prefixes(List<HotPrefixes.Hot> prefixes) {}

  /**
   * @param router this router's name
   * @param wallMillis the time since 1970
   */
  public Caches(String router, RegionAsk others, LongSupplier wallMillis) {
    this.router = router;
    this.others = others;
    this.history = new CacheHistory(wallMillis);
    this.prefixes = new HotPrefixes(wallMillis);
    others.answer(HISTORY, Question.class, question -> new Steps(history.answer(question)));
    others.answer(PREFIXES, PrefixQuestion.class, this::hot);
  }

  /**
   * An engine has answered a request of this region's clients.
   *
   * @param model as a label, see {@code Labels}
   * @param tenant likewise
   * @param savedMicroUsd what the cached tokens of its prompt saved
   */
  public void finished(Finished request, String model, String tenant, double savedMicroUsd) {
    Group group = new Group(model, tenant, request.region(), request.replica());
    history.finished(request, group, savedMicroUsd);
    Reasons.Features features = request.features();
    int cached = request.usage().cachedTokens();
    if (features != null && cached > 0) {
      prefixes.reused(model, tenant, features.chain(), features.blockTokens(), cached);
    }
  }

  /** No engine has answered a request of this region's clients. */
  public void failed(String model, String tenant, String region) {
    history.failed(new Group(model, tenant, region, ""));
  }

  /** What the region's routers know. */
  public CompletableFuture<Known<Report>> report(Question question) {
    Map<Long, Map<String, Sums>> own = history.answer(question);
    return others
        .ask(HISTORY, question, Steps.class)
        .thenApply(
            told -> {
              Map<Long, Map<String, Sums>> all = new TreeMap<>(own);
              told.answers().values().forEach(steps -> add(all, steps.steps()));
              return known(new Report(all), told);
            });
  }

  private static void add(Map<Long, Map<String, Sums>> all, Map<Long, Map<String, Sums>> more) {
    more.forEach(
        (at, groups) ->
            groups.forEach(
                (key, sums) ->
                    all.computeIfAbsent(at, k -> new TreeMap<>())
                        .computeIfAbsent(key, k -> new Sums())
                        .add(sums)));
  }

  /**
   * The prefixes whose reuse has saved most, the hottest first.
   *
   * @param fromMillis since 1970; told in steps of {@link #prefixStepMillis}
   * @param model empty for all
   * @param tenants empty for all
   */
  public CompletableFuture<Known<List<Prefix>>> hottest(
      long fromMillis, String model, Set<String> tenants, int limit) {
    var question = new PrefixQuestion(fromMillis, model, tenants);
    Prefixes own = hot(question);
    return others
        .ask(PREFIXES, question, Prefixes.class)
        .thenApply(
            told -> {
              List<HotPrefixes.Hot> all = new ArrayList<>(own.prefixes());
              told.answers().values().forEach(tell -> all.addAll(tell.prefixes()));
              List<Prefix> hottest =
                  HotPrefixes.hottest(all, limit).stream()
                      .map(
                          hot ->
                              new Prefix(
                                  hot.key(),
                                  hot.model(),
                                  hot.tenant(),
                                  hot.depthTokens(),
                                  hot.requests(),
                                  Math.round(hot.savedTokens())))
                      .toList();
              return known(hottest, told);
            });
  }

  /** Prefixes are kept in steps of so many milliseconds. */
  public static long prefixStepMillis() {
    return HotPrefixes.STEP_MILLIS;
  }

  private Prefixes hot(PrefixQuestion asked) {
    return new Prefixes(
        prefixes.since(asked.fromMillis(), asked.model(), asked.tenants(), MOST_TOLD));
  }

  private <T> Known<T> known(T all, RegionAsk.Told<?> told) {
    Set<String> routers = new TreeSet<>(told.answers().keySet());
    routers.add(router);
    return new Known<>(all, List.copyOf(routers), told.silent());
  }
}
