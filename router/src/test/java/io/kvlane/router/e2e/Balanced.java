package io.kvlane.router.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Clients behind a load balancer. It sends each request to a router whose {@code /ready} said yes,
 * at another one if that does not even take the connection, and never sends anything twice.
 */
final class Balanced implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int LONGEST = 120;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Fleet fleet;
  private final Set<Integer> ready = ConcurrentHashMap.newKeySet();
  private final Map<Integer, AtomicInteger> streams = new ConcurrentHashMap<>();
  private final Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param clients that ask one request after the other, every other one for a stream
   */
  Balanced(Fleet fleet, int routers, int clients) {
    this.fleet = fleet;
    for (int router = 1; router <= routers; router++) {
      answers.put(router, new AtomicInteger());
      streams.put(router, new AtomicInteger());
      int asked = router;
      threads.add(Thread.ofVirtual().start(() -> watch(asked)));
    }
    for (int c = 0; c < clients; c++) {
      var random = new Random(c);
      boolean streaming = c % 2 == 0;
      threads.add(Thread.ofVirtual().start(() -> askOn(random, streaming)));
    }
  }

  private void watch(int router) {
    while (!stop.get()) {
      try {
        boolean yes = Http.get(fleet.router(router) + "/ready").statusCode() == 200;
        boolean _ = yes ? ready.add(router) : ready.remove(router);
      } catch (IOException down) {
        ready.remove(router);
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void askOn(Random random, boolean streaming) {
    while (!stop.get()) {
      List<Integer> choice = List.copyOf(ready);
      if (choice.isEmpty()) {
        LockSupport.parkNanos(LOOK_NANOS);
        continue;
      }
      int router = choice.get(random.nextInt(choice.size()));
      try {
        ask(router, random, streaming);
      } catch (ConnectException e) {
        ready.remove(router); // nothing was sent: the next one is asked
      } catch (IOException e) {
        failures.add("router " + router + ": " + e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void ask(int router, Random random, boolean streaming)
      throws IOException, InterruptedException {
    ObjectNode body =
        JSON.createObjectNode()
            .put("model", Fleet.MODEL)
            .put("stream", streaming)
            .put("max_tokens", 1 + random.nextInt(LONGEST));
    String prompt = ("Conversation " + random.nextInt(50) + ". ").repeat(40);
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(fleet.router(router) + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<Stream<String>> answer = client.send(request, HttpResponse.BodyHandlers.ofLines());
    boolean begun = streaming && answer.statusCode() == 200;
    if (begun) {
      streams.get(router).incrementAndGet();
    }
    String last = "";
    try (Stream<String> lines = answer.body()) {
      last = lines.filter(line -> !line.isBlank()).reduce("", (a, b) -> b);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      if (begun) {
        streams.get(router).decrementAndGet();
      }
    }
    if (answer.statusCode() != 200 || streaming && !last.equals("data: [DONE]")) {
      failures.add("router " + router + ": " + answer.statusCode() + ' ' + last);
    } else {
      answers.get(router).incrementAndGet();
    }
  }

  /** Streams of a router that have begun and not ended. */
  int streams(int router) {
    return streams.get(router).get();
  }

  /** Waits until each of these routers has given so many answers more. */
  void awaitAnswers(int more, Integer... from) {
    for (int router : from) {
      int goal = answers.get(router).get() + more;
      await("router " + router + " answers; failed: " + failures)
          .atMost(Duration.ofSeconds(60))
          .until(() -> answers.get(router).get() >= goal);
    }
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  int answered() {
    return answers.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** Lets what is under way end. */
  @Override
  public void close() throws InterruptedException {
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    client.close();
  }
}
