package io.kvlane.router.telemetry.evidence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.topic.ITopic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the region's other routers, and answers them. The cluster carries JSON as bytes, nothing
 * that would be deserialized to a class of a sender's choice. Who does not answer in time is named.
 * Safe for any thread.
 */
final class RegionAsk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegionAsk.class);
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final String TOPIC = "kvlane:evidence";
  private static final long LIMIT_MILLIS = 800;

  /** What others want to know at a time, and what this router does. */
  private static final int MOST = 64;

  /**
   * What somebody wants to know.
   *
   * @param id by which the asker knows the answers
   * @param kind of answer
   * @param after for {@link Kind#TAIL}: the last number that was told, by router
   */
  record Ask(String id, String from, Kind kind, Query query, Map<String, Long> after, int limit) {}

  /** What is told. */
  enum Kind {
    LIST,
    TAIL,
    RECORDED
  }

  /**
   * What one router answers.
   *
   * @param last for {@link Kind#TAIL}
   * @param missed what had to make room before it was asked for
   */
  record Tell(String ask, String router, List<JsonNode> entries, long last, long missed) {}

  /** All answers, and who gave none. */
  record Told(List<Tell> tells, List<String> silent) {}

  private final String router;
  private final Function<Ask, Tell> answer;
  private final Supplier<Set<String>> routers;
  private final HazelcastInstance hazelcast;
  private final ITopic<byte[]> asks;
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("kvlane-evidence-limit").factory());

  /** Apart from the cluster's own threads, which others wait for. */
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST),
          Thread.ofPlatform().daemon().name("kvlane-evidence").factory());

  private static final class Pending {
    final Set<String> awaited;
    final List<Tell> tells = new ArrayList<>();
    final CompletableFuture<Told> future = new CompletableFuture<>();

    Pending(Set<String> awaited) {
      this.awaited = new TreeSet<>(awaited);
    }

    synchronized void tell(Tell tell) {
      if (awaited.remove(tell.router())) {
        tells.add(tell);
        if (awaited.isEmpty()) {
          finish();
        }
      }
    }

    synchronized void finish() {
      future.complete(new Told(List.copyOf(tells), List.copyOf(awaited)));
    }
  }

  /**
   * @param answer what this router says; may take a while
   * @param routers the region's routers, by name
   */
  RegionAsk(
      HazelcastInstance hazelcast,
      String router,
      Function<Ask, Tell> answer,
      Supplier<Set<String>> routers) {
    this.hazelcast = hazelcast;
    this.router = router;
    this.answer = answer;
    this.routers = routers;
    asks = hazelcast.getTopic(TOPIC);
    var _ = asks.addMessageListener(message -> asked(message.getMessageObject()));
    ITopic<byte[]> tells = hazelcast.getTopic(TOPIC + ':' + router);
    var _ = tells.addMessageListener(message -> told(message.getMessageObject()));
  }

  /** Asks the others; completes when all have answered, or without those that have not in time. */
  CompletableFuture<Told> ask(Kind kind, Query query, Map<String, Long> after, int limit) {
    Set<String> others = new TreeSet<>(routers.get());
    others.remove(router);
    if (others.isEmpty()) {
      return CompletableFuture.completedFuture(new Told(List.of(), List.of()));
    }
    if (pending.size() >= MOST) {
      return CompletableFuture.completedFuture(new Told(List.of(), List.copyOf(others)));
    }
    String id = Long.toString(number.incrementAndGet());
    Pending mine = new Pending(others);
    pending.put(id, mine);
    var _ = timer.schedule(mine::finish, LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    var _ = mine.future.whenComplete((told, error) -> pending.remove(id));
    publish(asks, new Ask(id, router, kind, query, after, limit));
    return mine.future;
  }

  static JsonNode tree(Object value) {
    return JSON.valueToTree(value);
  }

  static <T> T read(JsonNode tree, Class<T> type) {
    return JSON.convertValue(tree, type);
  }

  private void publish(ITopic<byte[]> topic, Object message) {
    try {
      var _ =
          topic
              .publishAsync(JSON.writeValueAsBytes(message))
              .exceptionally(
                  e -> {
                    log.warn("Evidence could not be asked for, or told: {}", e.toString());
                    return null;
                  });
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void asked(byte[] bytes) {
    try {
      worker.execute(() -> answer(bytes));
    } catch (RejectedExecutionException e) {
      log.debug("Too much evidence is asked for: the asker goes without this router's");
    }
  }

  private void answer(byte[] bytes) {
    try {
      Ask ask = JSON.readValue(bytes, Ask.class);
      if (!ask.from().equals(router)) {
        publish(hazelcast.getTopic(TOPIC + ':' + ask.from()), answer.apply(ask));
      }
    } catch (IOException | RuntimeException e) {
      log.warn("Evidence was asked for in a way that cannot be answered: {}", e.toString());
    }
  }

  private void told(byte[] bytes) {
    try {
      Tell tell = JSON.readValue(bytes, Tell.class);
      Pending waiting = pending.get(tell.ask());
      if (waiting != null) {
        waiting.tell(tell);
      }
    } catch (IOException e) {
      log.warn("Skipped what a router told of its evidence: {}", e.toString());
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
    timer.shutdownNow();
  }
}
