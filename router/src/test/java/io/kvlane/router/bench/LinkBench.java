package io.kvlane.router.bench;

import io.kvlane.router.MockEngine;
import io.kvlane.router.region.TestRegion;
import io.kvlane.router.region.TestWorld;
import io.kvlane.simulator.live.link.LinkState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/**
 * Measures the link of three regions in one process, over real sockets and proxies that put 90, 160
 * and 235 ms between them: what a forwarded request costs beyond the way, how soon a client's
 * leaving is felt far away, what the loss and the return of a region do to those who use it.
 */
public final class LinkBench {
  private static final List<String> NAMES = List.of("us-east", "eu-west", "ap-northeast");
  private static final int[][] ROUND_TRIPS = {{0, 90, 160}, {90, 0, 235}, {160, 235, 0}};
  private static final int REQUESTS = 300;
  private static final int DISCONNECTS = 100;
  private static final int CLIENTS = 8;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final TestWorld world;

  private LinkBench(Path certificates) throws Exception {
    world = new TestWorld(certificates, NAMES, LinkBench::roundTrip, 1, "");
    world.regions().forEach(region -> region.engine().forget());
    here().healthy(1, false);
    until(() -> served().equals("eu-west"));
  }

  private static long roundTrip(String from, String to) {
    return ROUND_TRIPS[NAMES.indexOf(from)][NAMES.indexOf(to)];
  }

  public static void main(String[] args) throws Exception {
    LinkBench bench = new LinkBench(Files.createTempDirectory("kvlane-link-bench"));
    bench.forwarding();
    bench.disconnects();
    bench.loss("crash", LinkState.DOWN);
    bench.loss("black hole", LinkState.CUT);
    bench.loss("one-way cut", LinkState.FORWARD_CUT);
    System.exit(0);
  }

  private TestRegion here() {
    return world.region("us-east");
  }

  private String served() {
    try {
      return here().chat("x").headers().firstValue("x-kvlane-region").orElse("");
    } catch (IOException | InterruptedException e) {
      return "";
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("not within " + LIMIT);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static Histogram micros() {
    return new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
  }

  private static double millis(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e3;
  }

  private void forwarding() throws Exception {
    TestRegion there = world.region("eu-west");
    Histogram forwarded = micros();
    Histogram direct = micros();
    Histogram way = micros();
    for (int i = 0; i < REQUESTS; i++) {
      forwarded.recordValue(timed(here()));
      direct.recordValue(timed(there));
      way.recordValue(Math.round(1e6 * here().gauge("kvlane.region.round.trip", "to", "eu-west")));
    }
    System.out.printf(
        "forwarded: p50 %.2f ms, there directly %.2f ms, the link's round trip %.2f ms: added %.2f"
            + " ms%n",
        millis(forwarded, 50),
        millis(direct, 50),
        millis(way, 50),
        millis(forwarded, 50) - millis(direct, 50) - millis(way, 50));
  }

  private static long timed(TestRegion at) throws Exception {
    long begun = System.nanoTime();
    int status = at.chat("hello").statusCode();
    if (status != 200) {
      throw new IllegalStateException("status " + status);
    }
    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun);
  }

  private void disconnects() throws Exception {
    MockEngine engine = world.region("eu-west").engine();
    engine.always(MockEngine.stall(MockEngine.delta("a")));
    Histogram felt = micros();
    for (int i = 0; i < DISCONNECTS; i++) {
      int aborted = engine.aborted();
      long closed;
      try (Socket socket = new Socket("127.0.0.1", here().port())) {
        String body =
            "{\"model\":\"kvlane-demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        OutputStream out = socket.getOutputStream();
        out.write(
            ("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                    + "content-length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
        if (socket.getInputStream().read() < 0) {
          throw new IllegalStateException("no answer");
        }
        closed = System.nanoTime();
      }
      while (engine.aborted() == aborted) {
        TimeUnit.MICROSECONDS.sleep(200);
      }
      felt.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - closed));
    }
    engine.always(MockEngine.json(200, "{\"id\":\"1\"}"));
    System.out.printf(
        "client leaves: felt at the far engine after p50 %.1f ms, p99 %.1f ms, over 90 ms of"
            + " link%n",
        millis(felt, 50), millis(felt, 99));
  }

  private record Done(long begun, long took, int status, String region) {}

  private void loss(String how, LinkState state) throws Exception {
    Queue<Done> done = new ConcurrentLinkedQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(Thread.ofVirtual().start(() -> ask(done, over)));
    }
    until(() -> done.size() > 200);
    long lostAt = System.nanoTime();
    world.links("eu-west", state);
    until(() -> !here().reaches("eu-west"));
    long detected = System.nanoTime() - lostAt;
    TimeUnit.SECONDS.sleep(3);
    long backAt = System.nanoTime();
    world.links("eu-west", LinkState.UP);
    until(
        () ->
            done.stream().filter(d -> d.begun > backAt && d.region.equals("eu-west")).count()
                > 200);
    over.set(true);
    for (Thread client : clients) {
      client.join();
    }
    long[] normal = took(done, d -> d.begun + d.took < lostAt);
    long[] affected =
        done.stream()
            .filter(d -> d.begun < lostAt + detected && d.begun + d.took > lostAt)
            .mapToLong(d -> d.begun + d.took)
            .toArray();
    long slowest = LongStream.of(affected).max().orElse(0);
    long[] later = took(done, d -> d.begun > lostAt + detected && d.begun < backAt);
    long home =
        done.stream()
            .filter(d -> d.region.equals("eu-west") && d.begun > backAt)
            .mapToLong(d -> d.begun - backAt)
            .sorted()
            .skip(199)
            .findFirst()
            .orElse(-1);
    long errors = done.stream().filter(d -> d.status != 200).count();
    System.out.printf(
        "%s: %d requests, %d errors; p99 before %.0f ms; noticed after %.0f ms; affected %d,"
            + " slowest %.0f ms after that; then p99 %.0f ms; at home again after %.1f s%n",
        how,
        done.size(),
        errors,
        at(normal, 0.99) / 1e6,
        detected / 1e6,
        affected.length,
        (slowest - lostAt - detected) / 1e6,
        at(later, 0.99) / 1e6,
        home / 1e9);
  }

  private static long[] took(Queue<Done> done, Predicate<Done> which) {
    return done.stream().filter(which).mapToLong(Done::took).sorted().toArray();
  }

  private static double at(long[] sorted, double quantile) {
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(quantile * sorted.length) - 1];
  }

  private void ask(Queue<Done> done, AtomicBoolean over) {
    while (!over.get()) {
      long begun = System.nanoTime();
      int status = 0;
      String region = "";
      try {
        var answer = here().chat("hello " + begun);
        status = answer.statusCode();
        region = answer.headers().firstValue("x-kvlane-region").orElse("");
      } catch (IOException e) {
        System.out.println(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      done.add(new Done(begun, System.nanoTime() - begun, status, region));
    }
  }
}
