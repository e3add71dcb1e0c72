package io.kvlane.router.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Random histories of writers that read, create, change and delete over three routers, while calls
 * to the database fail, answers get lost and routers lose all their connections.
 */
abstract class HistoryContract {
  private static final int OPERATIONS = 10_000;
  private static final int THREADS = 8;
  private static final int RESOURCES = 16;
  private static final double FAULTS = 0.01;

  private final List<List<Linearizability.Operation>> histories =
      IntStream.range(0, RESOURCES)
          .<List<Linearizability.Operation>>mapToObj(i -> new ArrayList<>())
          .toList();
  private final AtomicReferenceArray<Router> routers = new AtomicReferenceArray<>(3);
  private final AtomicInteger left = new AtomicInteger(OPERATIONS);
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger stale = new AtomicInteger();
  private String url = "";

  abstract String newDatabase() throws Exception;

  private record Router(HikariDataSource pool, PolicyStore store) {}

  private Router router() {
    var config = new HikariConfig();
    config.setJdbcUrl(Dialect.of(url).url(url));
    config.setConnectionInitSql(Dialect.of(url).session());
    config.setMaximumPoolSize(4);
    var pool = new HikariDataSource(config);
    var faulty =
        FaultySource.of(
            pool,
            () -> ThreadLocalRandom.current().nextDouble() < FAULTS,
            () -> ThreadLocalRandom.current().nextDouble() < FAULTS);
    return new Router(pool, new PolicyStore(faulty, Dialect.of(url), InstantSource.system()));
  }

  @Test
  @DisplayName("ADM-2, CAP-6: 10,000 operations under faults have a linearizable history")
  void operationsUnderFaults_areLinearizable() throws Exception {
    url = newDatabase();
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (PolicyStore calm = PolicyStore.open(url, "", "", InstantSource.system())) {
      for (int i = 0; i < 3; i++) {
        routers.set(i, router());
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<?>> workers = new ArrayList<>();
        var random = new SplittableRandom(seed);
        for (int t = 0; t < THREADS; t++) {
          SplittableRandom own = random.split();
          int thread = t;
          workers.add(threads.submit(() -> work(thread, own)));
        }
        for (Future<?> worker : workers) {
          worker.get();
        }
      }
      for (int i = 0; i < 3; i++) {
        routers.get(i).pool.close();
      }
      readAll(calm);
      System.out.printf(
          "%d unavailable, %d of unknown outcome, %d stale, %d revisions%n",
          failed.get(), unknown.get(), stale.get(), calm.head());
      assertThat(calm.verifyAudit().problem()).isEmpty();
      assertThat(calm.head()).isGreaterThan(OPERATIONS / 10);
      assertThat(failed.get()).isPositive();
    }
    for (List<Linearizability.Operation> history : histories) {
      assertThat(Linearizability.holds("", history)).as("seed %d: %s", seed, history).isTrue();
    }
  }

  private void readAll(PolicyStore calm) {
    for (int r = 0; r < RESOURCES; r++) {
      read(calm, r);
    }
  }

  private void work(int thread, SplittableRandom random) {
    for (int n = 0; left.get() > 0; n++) {
      int at = random.nextInt(3);
      if (random.nextInt(500) == 0) {
        // The router crashes: all that it has under way is cut off.
        routers.getAndSet(at, router()).pool.close();
      }
      PolicyStore store = routers.get(at).store;
      int r = random.nextInt(RESOURCES);
      Seen seen = read(store, r);
      if (seen != null && random.nextInt(3) > 0) {
        write(store, r, seen, random.nextInt(8) == 0 ? "" : thread + "-" + n);
      }
    }
  }

  private record Seen(String value, Precondition precondition) {}

  private static ResourceKey key(int r) {
    return Samples.policyKey("r" + r);
  }

  private @Nullable Seen read(PolicyStore store, int r) {
    left.getAndDecrement();
    long called = System.nanoTime();
    Content.Item item;
    try {
      item = store.current().content().get(key(r));
    } catch (RuntimeException e) {
      failed.incrementAndGet();
      return null;
    }
    long returned = System.nanoTime();
    String value = item == null ? "" : ((Policy) item.resource()).description();
    add(r, called, returned, state -> state.equals(value) ? state : null, "read " + value);
    return new Seen(
        value,
        item == null ? new Precondition.Absent() : new Precondition.Matches(List.of(item.etag())));
  }

  private void write(PolicyStore store, int r, Seen seen, String value) {
    if (seen.value.equals(value)) {
      return;
    }
    Change change =
        value.isEmpty()
            ? new Change.Delete(key(r), seen.precondition)
            : new Change.Put(
                key(r),
                Samples.json(
                    "{'consistency':'CP','priority':%d,'description':'%s'}"
                        .formatted(r + 1, value)),
                seen.precondition);
    left.getAndDecrement();
    String text = "write " + seen.value + " -> " + value;
    long called = System.nanoTime();
    try {
      Writes.write(store, change, "writer", null);
      add(r, called, System.nanoTime(), s -> s.equals(seen.value) ? value : null, text);
    } catch (Refused e) {
      stale.incrementAndGet();
      add(r, called, System.nanoTime(), s -> s.equals(seen.value) ? null : s, "stale " + text);
    } catch (RuntimeException e) {
      failed.incrementAndGet();
      // A router that crashes says nothing more, or fails in its own way.
      if (!(e instanceof StoreUnavailable unavailable) || unavailable.outcomeUnknown()) {
        unknown.incrementAndGet();
        long never = Linearizability.NEVER;
        add(r, called, never, s -> s.equals(seen.value) ? value : null, "unknown " + text);
      }
    }
  }

  private void add(int r, long called, long returned, UnaryOperator<String> step, String text) {
    synchronized (histories.get(r)) {
      histories.get(r).add(new Linearizability.Operation(called, returned, step, text));
    }
  }
}
