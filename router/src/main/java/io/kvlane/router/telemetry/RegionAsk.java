package io.kvlane.router.telemetry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.topic.ITopic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the region's other routers, and answers them. The cluster carries JSON as bytes, nothing
 * that would be deserialized to a class of a sender's choice. Who does not answer in time is named.
 * Safe for any thread.
 */
public final class RegionAsk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegionAsk.class);
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final String TOPIC = "kvlane:telemetry";
  private static final long LIMIT_MILLIS = 800;

  /** What others want to know at a time, and what this router does. */
  private static final int MOST = 64;

  /**
   * What somebody wants to know.
   *
   * @param id by which the asker knows the answers
   * @param about which of a router's answers is wanted
   */
  private record Ask(String id, String from, String about, JsonNode question) {}

  /** What one router answers. */
  private record Tell(String ask, String router, JsonNode answer) {}

  /**
   * All answers.
   *
   * @param answers by router
   * @param silent the region's routers that did not answer in time
   */
  public record Told<A>(Map<String, A> answers, List<String> silent) {
    public Told {
      answers = Map.copyOf(answers);
      silent = List.copyOf(silent);
    }
  }

  private final String router;
  private final Supplier<Set<String>> routers;
  private final @Nullable HazelcastInstance hazelcast;
  private final Map<String, Function<JsonNode, Object>> answers = new ConcurrentHashMap<>();
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("kvlane-ask-limit").factory());

  /** Apart from the cluster's own threads, which others wait for. */
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST),
          Thread.ofPlatform().daemon().name("kvlane-ask").factory());

  private static final class Pending {
    final Set<String> awaited;
    final Map<String, JsonNode> told = new HashMap<>();
    final CompletableFuture<Told<JsonNode>> future = new CompletableFuture<>();

    Pending(Set<String> awaited) {
      this.awaited = new TreeSet<>(awaited);
    }

    synchronized void tell(Tell tell) {
      if (awaited.remove(tell.router())) {
        told.put(tell.router(), tell.answer());
        if (awaited.isEmpty()) {
          finish();
        }
      }
    }

    synchronized void finish() {
      future.complete(new Told<>(told, List.copyOf(awaited)));
    }
  }

  private RegionAsk(
      @Nullable HazelcastInstance hazelcast, String router, Supplier<Set<String>> routers) {
    this.hazelcast = hazelcast;
    this.router = router;
    this.routers = routers;
  }

  /** Of a router without others. */
  static RegionAsk alone() {
    return new RegionAsk(null, "", Set::of);
  }

  /**
   * Of a router in its region.
   *
   * @param hazelcast the region's cluster; stays the caller's
   * @param routers the region's routers as they are now, by name
   */
  static RegionAsk of(HazelcastInstance hazelcast, String router, Supplier<Set<String>> routers) {
    var made = new RegionAsk(hazelcast, router, routers);
    ITopic<byte[]> asks = hazelcast.getTopic(TOPIC);
    var _ = asks.addMessageListener(message -> made.asked(message.getMessageObject()));
    ITopic<byte[]> tells = hazelcast.getTopic(TOPIC + ':' + router);
    var _ = tells.addMessageListener(message -> made.told(message.getMessageObject()));
    return made;
  }

  /**
   * What this router answers.
   *
   * @param about by which others ask for it
   * @param question read from JSON
   * @param answer may take a while; written as JSON
   */
  public <Q> void answer(String about, Class<Q> question, Function<Q, ?> answer) {
    answers.put(about, asked -> answer.apply(JSON.convertValue(asked, question)));
  }

  /** Asks the others; completes when all have answered, or without those that have not in time. */
  public <A> CompletableFuture<Told<A>> ask(String about, Object question, Class<A> answer) {
    Set<String> others = new TreeSet<>(routers.get());
    others.remove(router);
    HazelcastInstance cluster = hazelcast;
    if (others.isEmpty() || cluster == null) {
      return CompletableFuture.completedFuture(new Told<>(Map.of(), List.of()));
    }
    if (pending.size() >= MOST) {
      return CompletableFuture.completedFuture(new Told<>(Map.of(), List.copyOf(others)));
    }
    String id = Long.toString(number.incrementAndGet());
    Pending mine = new Pending(others);
    pending.put(id, mine);
    var _ = timer.schedule(mine::finish, LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    var _ = mine.future.whenComplete((told, error) -> pending.remove(id));
    publish(cluster.getTopic(TOPIC), new Ask(id, router, about, JSON.valueToTree(question)));
    return mine.future.thenApply(
        told -> {
          Map<String, A> read = new HashMap<>();
          List<String> silent = new ArrayList<>(told.silent());
          told.answers()
              .forEach(
                  (from, tree) -> {
                    try {
                      read.put(from, JSON.convertValue(tree, answer));
                    } catch (IllegalArgumentException e) {
                      log.warn("Skipped what router {} told: {}", from, e.toString());
                      silent.add(from);
                    }
                  });
          return new Told<>(read, silent);
        });
  }

  private void publish(ITopic<byte[]> topic, Object message) {
    try {
      var _ =
          topic
              .publishAsync(JSON.writeValueAsBytes(message))
              .exceptionally(
                  e -> {
                    log.warn("Routers could not be asked, or told: {}", e.toString());
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
      log.debug("Too much is asked for: the asker goes without this router's answer");
    }
  }

  private void answer(byte[] bytes) {
    HazelcastInstance cluster = hazelcast;
    try {
      Ask ask = JSON.readValue(bytes, Ask.class);
      Function<JsonNode, Object> answer = answers.get(ask.about());
      if (cluster == null || answer == null || ask.from().equals(router)) {
        return; // what a newer router may ask for, an older one does not know
      }
      JsonNode told = JSON.valueToTree(answer.apply(ask.question()));
      publish(cluster.getTopic(TOPIC + ':' + ask.from()), new Tell(ask.id(), router, told));
    } catch (IOException | RuntimeException e) {
      log.warn("A router asked in a way that cannot be answered: {}", e.toString());
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
      log.warn("Skipped what a router told: {}", e.toString());
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
    timer.shutdownNow();
  }
}
