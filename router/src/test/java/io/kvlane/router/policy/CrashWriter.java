package io.kvlane.router.policy;

import java.lang.reflect.Proxy;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A process that writes one change set of two policies and halts behind the nth call to the
 * database: {@code URL N PRIORITY}. Says so on its output if the write was acknowledged.
 */
final class CrashWriter {
  static final String ACKNOWLEDGED = "acknowledged";

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
    write(store, Integer.parseInt(args[2]));
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
                Writes.DECIDER.decide(state, changes, List.of("/0", "/1"), "both"),
                next -> new Written(201, next.etag(), "{}", next.revision(), false)));
  }
}
