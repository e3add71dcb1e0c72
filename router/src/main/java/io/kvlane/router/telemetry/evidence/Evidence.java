package io.kvlane.router.telemetry.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.telemetry.RegionAsk;
import io.kvlane.router.telemetry.Timeline;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this router's last requests were decided by, and the way to those of the region's other
 * routers. Safe for any thread.
 */
public final class Evidence {
  private static final String ABOUT = "evidence";

  /** Keys of chains that one router tells at a time, 20 bytes each. */
  private static final int MOST_KEYS = 200_000;

  private final String region;
  private final String router;
  private final boolean enabled;
  private final Ring ring;
  private final LongSupplier wallMillis;
  private final LongSupplier nanos;
  private final RegionAsk others;

  /**
   * What another router wants to know.
   *
   * @param after for {@link Kind#TAIL}: the last number that was told, by router
   */
  private record Ask(Kind kind, Query query, Map<String, Long> after, int limit) {}

  private enum Kind {
    LIST,
    TAIL,
    RECORDED
  }

  /**
   * What one router answers.
   *
   * @param recorded for {@link Kind#RECORDED}, instead of entries
   * @param last for {@link Kind#TAIL}
   * @param missed what had to make room before it was asked for
   */
  private record Tell(List<JsonNode> entries, List<Recorded> recorded, long last, long missed) {}

  /**
   * What was found.
   *
   * @param entries newest first; at most one more than was asked for
   * @param silent the region's routers that did not say in time what they have
   */
  public record Found(List<JsonNode> entries, List<String> silent) {}

  /**
   * What has ended since.
   *
   * @param entries as they ended, each router's in its order
   * @param after where to go on, by router
   * @param missed what had to make room before it was asked for
   */
  public record Tail(
      List<JsonNode> entries, Map<String, Long> after, long missed, List<String> silent) {}

  /**
   * What was recorded.
   *
   * @param routers whose requests these are
   * @param silent the region's routers that did not say in time what they have
   */
  public record Recording(List<Recorded> requests, List<String> routers, List<String> silent) {}

  public Evidence(
      RouterConfig config, RegionAsk others, LongSupplier wallMillis, LongSupplier nanos) {
    RouterConfig.Evidence settings = config.telemetry().evidence();
    region = config.region();
    router = config.router().id();
    enabled = settings.maxEntries() > 0;
    ring = new Ring(settings.maxEntries(), settings.maxBytes());
    this.wallMillis = wallMillis;
    this.nanos = nanos;
    this.others = others;
    others.answer(ABOUT, Ask.class, this::answer);
  }

  /** Shows what is kept as gauges. */
  public void register(MeterRegistry registry) {
    Gauge.builder("kvlane.evidence.entries", ring, Ring::size)
        .description("Requests whose decision is kept")
        .register(registry);
    Gauge.builder("kvlane.evidence", ring, Ring::bytes)
        .description("Memory that the decisions kept take, roughly")
        .baseUnit("bytes")
        .register(registry);
  }

  /**
   * A request is understood.
   *
   * @param way that it has gone, and is still to go
   * @return where to write down what becomes of it; null if nothing is kept
   */
  public @Nullable Entry begin(Subject subject, Timeline way) {
    if (!enabled) {
      return null;
    }
    long ago = (nanos.getAsLong() - way.at(Timeline.Point.CAME)) / 1_000_000;
    return new Entry(ring, subject, way, wallMillis.getAsLong() - ago);
  }

  /** The region's requests, newest first. */
  public CompletableFuture<Found> list(Query query, int limit) {
    List<JsonNode> own = listed(query, limit);
    return others(Kind.LIST, query, Map.of(), limit)
        .thenApply(
            told -> {
              List<JsonNode> all = new ArrayList<>(own);
              told.answers().values().forEach(tell -> all.addAll(tell.entries()));
              all.sort(Comparator.comparing(Evidence::mark, Query.NEWEST_FIRST));
              return new Found(
                  all.size() > limit ? List.copyOf(all.subList(0, limit)) : all, told.silent());
            });
  }

  /**
   * The region's requests that have ended since.
   *
   * @param after as it was told the last time; empty for nothing but where to go on
   * @param limit of each router's
   */
  public CompletableFuture<Tail> tail(Query query, Map<String, Long> after, int limit) {
    Tell own = tailed(query, after, limit);
    return others(Kind.TAIL, query, after, limit)
        .thenApply(
            told -> {
              List<JsonNode> entries = new ArrayList<>(own.entries());
              Map<String, Long> next = new HashMap<>(after);
              next.put(router, own.last());
              long missed = own.missed();
              for (Map.Entry<String, Tell> other : told.answers().entrySet()) {
                Tell tell = other.getValue();
                entries.addAll(tell.entries());
                next.put(other.getKey(), tell.last());
                missed += tell.missed();
              }
              return new Tail(entries, next, missed, told.silent());
            });
  }

  /**
   * Features of the region's last requests.
   *
   * @param limit of each router's
   */
  public CompletableFuture<Recording> recorded(Query query, int limit) {
    List<Recorded> own = features(query, limit);
    return others(Kind.RECORDED, query, Map.of(), limit)
        .thenApply(
            told -> {
              List<Recorded> all = new ArrayList<>(own);
              Set<String> asked = new TreeSet<>(told.answers().keySet());
              asked.add(router);
              told.answers().values().forEach(tell -> all.addAll(tell.recorded()));
              return new Recording(all, List.copyOf(asked), told.silent());
            });
  }

  private List<Recorded> features(Query query, int limit) {
    List<Recorded> found = new ArrayList<>();
    int keys = 0;
    for (Entry.Seen seen : (Iterable<Entry.Seen>) ring.newest()::iterator) {
      Recorded recorded = query.matches(seen, region, router) ? seen.recorded(router) : null;
      if (recorded != null) {
        found.add(recorded);
        keys += recorded.chain().length;
      }
      if (found.size() >= limit || keys >= MOST_KEYS) {
        break;
      }
    }
    return found;
  }

  /** The place of an entry in the list. */
  public static Query.Mark mark(JsonNode entry) {
    return new Query.Mark(
        Instant.parse(entry.path("arrivedAt").asText()).toEpochMilli(),
        entry.path("router").asText(),
        entry.path("number").asLong());
  }

  private CompletableFuture<RegionAsk.Told<Tell>> others(
      Kind kind, Query query, Map<String, Long> after, int limit) {
    return others.ask(ABOUT, new Ask(kind, query, after, limit), Tell.class);
  }

  private Tell answer(Ask ask) {
    return switch (ask.kind()) {
      case LIST -> new Tell(listed(ask.query(), ask.limit()), List.of(), 0, 0);
      case TAIL -> tailed(ask.query(), ask.after(), ask.limit());
      case RECORDED -> new Tell(List.of(), features(ask.query(), ask.limit()), 0, 0);
    };
  }

  /** The ring is in the order in which requests ended; that they came may be another. */
  private List<JsonNode> listed(Query query, int limit) {
    return ring.newest()
        .filter(seen -> query.matches(seen, region, router))
        .sorted(Comparator.comparing(this::mark, Query.NEWEST_FIRST))
        .limit(limit)
        .map(this::shown)
        .toList();
  }

  private Query.Mark mark(Entry.Seen seen) {
    return new Query.Mark(seen.arrivedMillis(), router, seen.number());
  }

  private Tell tailed(Query query, Map<String, Long> after, int limit) {
    Ring.Since since = ring.since(after.getOrDefault(router, -1L));
    List<JsonNode> entries = new ArrayList<>();
    long missed = since.missed();
    long next = since.from();
    for (; next <= since.last() && entries.size() < limit; next++) {
      Optional<Entry.Seen> seen = ring.read(next);
      if (seen.isEmpty()) {
        missed++;
      }
      seen.filter(it -> query.matches(it, region, router)).map(this::shown).ifPresent(entries::add);
    }
    return new Tell(entries, List.of(), next - 1, missed);
  }

  private JsonNode shown(Entry.Seen seen) {
    return EntryJson.of(seen, region, router);
  }
}
