package io.kvlane.router.policy;

import java.lang.reflect.Proxy;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A process that writes one change set of two policies, or rolls it out by a canary, and halts
 * behind the nth call to the database: {@code URL N PRIORITY write|rollout}. Says so on its output
 * if the write was acknowledged.
 */
final class CrashWriter {
  static final String ACKNOWLEDGED = "acknowledged";
  static final String WRITE = "write";
  static final String ROLLOUT = "rollout";

  private CrashWriter() {}

  public static void main(String[] args) throws Exception {
    int fatal = Integer.parseInt(args[1]);
    var calls = new AtomicInteger();
    DataSource source =
        FaultySource.of(
            connections(args[0]),
            () -> false,
            () -> {
              if (calls.incrementAndGet() == fatal) {
                Runtime.getRuntime().halt(9);
              }
              return false;
            });
    var store = new PolicyStore(source, Dialect.of(args[0]), InstantSource.system());
    int priority = Integer.parseInt(args[2]);
    if (args[3].equals(ROLLOUT)) {
      rollout(store, priority);
    } else {
      write(store, priority);
    }
    System.out.println(ACKNOWLEDGED);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static DataSource connections(String url) {
    return (DataSource)
        Proxy.newProxyInstance(
            CrashWriter.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> DriverManager.getConnection(url));
  }

  /** The same write for the same priority, however often it is done. */
  static Written write(PolicyStore store, int priority) throws Refused {
    return write(store, priority, null);
  }

  /** A canary of the same change, and then its promotion, as far as that is not done yet. */
  static void rollout(PolicyStore store, int priority) throws Refused {
    var slo = new Canary.Slo(1, 0, 0, 100);
    write(
        store,
        priority,
        new Canary("canary", 10, List.of(), 0, slo, Canary.Promote.AUTO, 0, List.of()));
    State begun = store.current();
    if (begun.content().canary() != null) {
      store.write(
          new WriteRequest("kvlane", "promote", "", "", null),
          state ->
              new PolicyStore.Outcome(
                  Writes.DECIDER.end(state, begun.content().canaryBegun(), true, "held"),
                  next -> new Written(200, "", "{}", next.revision(), false)));
    }
  }

  private static Written write(PolicyStore store, int priority, @Nullable Canary plan)
      throws Refused {
    String json = "{'consistency':'CP','priority':%d}";
    State seen = store.current();
    List<Change> changes =
        List.of(
            Samples.put("p", json.formatted(priority), Samples.as(seen, "p")),
            Samples.put("q", json.formatted(priority + 1), Samples.as(seen, "q")));
    var once = new WriteRequest.Once("crash", "key-" + priority, "f");
    return store.write(
        new WriteRequest("writer", "POST changesets", "", "", once),
        state ->
            new PolicyStore.Outcome(
                Writes.DECIDER.decide(state, changes, List.of("/0", "/1"), "both", plan),
                next -> new Written(201, next.etag(), "{}", next.revision(), false)));
  }
}
