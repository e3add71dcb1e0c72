package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routers of one region that come and go behind a load balancer. */
class StatelessRoutersIT {
  private static final int LIMIT = 30;
  private static final int CLIENTS = 8;

  @TempDir private static Path certificates;

  /** What the load balancer knows; the first one's engine serves all. */
  private final List<TestRegion> routers = new CopyOnWriteArrayList<>();

  private final List<TestRegion> started = new ArrayList<>();
  private TestRegion first;

  @BeforeEach
  void start() throws Exception {
    TestRegion.certify(certificates, "us-east");
    first =
        new TestRegion(
            "us-east",
            TestRegion.freePort(),
            certificates,
            Map.of(),
            1,
            """
            pools: [{model: kvlane-demo, keySpace: text, maxRequestsPerReplica: %d}]
            """
                .formatted(LIMIT));
    started.add(first);
    routers.add(first);
  }

  @AfterEach
  void stop() {
    started.reversed().forEach(TestRegion::close);
  }

  private TestRegion another() throws Exception {
    TestRegion made = first.another(TestRegion.freePort());
    started.add(made);
    await().until(() -> made.gauge("kvlane.replicas.healthy") == 1);
    return made;
  }

  /** Sends one request after the other, to any router that takes it. */
  private final class Load implements AutoCloseable {
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicInteger answered = new AtomicInteger();
    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(int clients) {
      for (int c = 0; c < clients; c++) {
        Random random = new Random(c);
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!stop.get()) {
                        ask(random);
                      }
                    }));
      }
    }

    private void ask(Random random) {
      TestRegion at = routers.get(random.nextInt(routers.size()));
      try {
        var answer = at.chat("hello " + random.nextInt(1_000));
        if (answer.statusCode() == 200) {
          answered.incrementAndGet();
        } else {
          failures.add(answer.statusCode() + " " + answer.body());
        }
      } catch (ConnectException e) {
        // It does not listen any more: a load balancer asks the next one.
      } catch (IOException | InterruptedException e) {
        failures.add(e.toString());
      }
    }

    void awaitMore(int requests) {
      int goal = answered.get() + requests;
      await()
          .atMost(Duration.ofSeconds(30))
          .failFast(() -> assertThat(failures).isEmpty())
          .until(() -> answered.get() >= goal);
    }

    @Override
    public void close() throws InterruptedException {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  @Test
  @DisplayName("STL-3: three routers together run what one may, and a few more at most")
  void load_threeRouters_keepOneLimit() throws Exception {
    routers.add(another());
    routers.add(another());
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    first
        .engine()
        .forget()
        .always(
            response -> {
              most.accumulateAndGet(open.incrementAndGet(), Math::max);
              response.endHandler(end -> open.decrementAndGet());
              first.vertx.setTimer(100, t -> MockEngine.json(200, "{}").answer(response));
            });
    try (Load load = new Load(4 * LIMIT)) {
      load.awaitMore(600);
      load.stop.set(true);
      assertThat(load.failures).isEmpty();
    }
    System.out.println("STL-3: limit " + LIMIT + ", at most " + most);

    assertThat(most.get()).isBetween(LIMIT / 2, LIMIT * 5 / 4);
  }

  /** What a load balancer asks; it has a second to do so before connections are closed. */
  private static boolean isReady(TestRegion router) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(router.request("/ready").build(), BodyHandlers.discarding()).statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  @DisplayName("STL-4: from 1 router to 4 and back under load no request fails")
  void load_routersComeAndGo_noRequestFails() throws Exception {
    first.engine().forget();
    try (Load load = new Load(CLIENTS)) {
      load.awaitMore(100);
      for (int i = 0; i < 3; i++) {
        routers.add(another());
        load.awaitMore(100);
      }
      for (TestRegion router : started.subList(1, 4)) {
        Future<Void> drained = router.drain();
        await().until(() -> !isReady(router));
        routers.remove(router);
        drained.await();
        load.awaitMore(100);
      }
      load.stop.set(true);
      assertThat(load.failures).isEmpty();
    }
  }
}
