package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.index.RoutedCache;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The decision on a real hour of traffic, by plain replay: blocks of 512 tokens, LRU caches. */
class KimiReplayTest {
  private static final int BLOCK = 512;
  private static final double MS_PER_TOKEN = 0.0938;

  /** Where prefixes are at home is a draw, which the salt decides: one draw alone tells little. */
  private static final List<String> SALTS = List.of("", "a", "b", "c", "d", "e");

  private static final Pattern LINE =
      Pattern.compile(
          "\"timestamp\": (\\d+), \"input_length\": (\\d+), \"output_length\": (\\d+), "
              + "\"hash_ids\": \\[([^]]*)]");

  record Request(double at, int input, int output, Chain chain) {}

  private record Running(double until, int replica) {}

  @Test
  void decide_4ReplicasOf3MTokens_keeps95PercentOfOnePooledCache() throws IOException {
    List<Request> slice = trace("").subList(0, 2_000);
    double pooled = pooled(slice, 12_000_000);
    double ours = replay(slice, 4, 3_000_000);
    System.out.printf("2,000 requests, 4 x 3M: pooled %.4f, KVLane %.4f%n", pooled, ours);

    assertThat(pooled).isBetween(0.28, 0.286);
    assertThat(ours).isGreaterThanOrEqualTo(0.95 * pooled);
  }

  @Test
  void decide_8Replicas_keeps90PercentOfOnePooledCacheAtEverySize() throws IOException {
    List<List<Request>> draws = new ArrayList<>();
    for (String salt : SALTS) {
      draws.add(trace(salt));
    }
    for (int tokens : new int[] {400_000, 1_000_000, 3_000_000}) {
      double pooled = pooled(draws.getFirst(), 8 * tokens);
      double ours =
          draws.stream().mapToDouble(trace -> replay(trace, 8, tokens)).average().orElseThrow();
      System.out.printf("8 x %,d: pooled %.4f, KVLane %.4f%n", tokens, pooled, ours);

      // At the trace's own speed the pool is half idle, and waiting is dearer than prefill.
      assertThat(ours).isGreaterThanOrEqualTo(0.90 * pooled);
    }
  }

  private static double pooled(List<Request> requests, int tokens) {
    RoutedCache cache = new RoutedCache();
    PrefixIndex index = new PrefixIndex(1, 64 << 20);
    int[] runs = new int[1];
    long hit = 0;
    long all = 0;
    for (Request request : requests) {
      hit += Math.min((long) index.runs(request.chain, runs) * BLOCK, request.input);
      all += request.input;
      long[] keys = request.chain.keys();
      index.store(0, keys);
      index.remove(0, cache.touch(keys, tokens / BLOCK));
    }
    return (double) hit / all;
  }

  private static double replay(List<Request> requests, int replicas, int tokens) {
    PrefixIndex index = new PrefixIndex(64, 256 << 20);
    RoutedCache[] caches = new RoutedCache[replicas];
    Arrays.setAll(caches, i -> new RoutedCache());
    PriorityQueue<Running> running =
        new PriorityQueue<>((a, b) -> Double.compare(a.until, b.until));
    int[] inFlight = new int[replicas];
    double[] freeAt = new double[replicas];
    long[] uncached = new long[replicas];
    Homes homes = new Homes();
    PoolPulse pulse = new PoolPulse();
    int[] runs = new int[replicas];
    long hit = 0;
    long all = 0;
    for (Request request : requests) {
      while (!running.isEmpty() && running.peek().until <= request.at) {
        inFlight[running.poll().replica]--;
      }
      List<ReplicaView> views = new ArrayList<>();
      for (int i = 0; i < replicas; i++) {
        long waiting = (long) (Math.max(0, freeAt[i] - request.at) / MS_PER_TOKEN);
        views.add(
            new ReplicaView("r" + i, i, true, inFlight[i], 0, false, waiting, 0, MS_PER_TOKEN, 0));
      }
      index.runs(request.chain, runs);
      Homes.Home home = homes.home(request.chain, replicas);
      long[] keys = request.chain.keys();
      homes.note(keys);
      int chosen =
          Decider.decide(
                  new RequestFeatures(request.input, BLOCK, home.key(), home.shared() * BLOCK),
                  pool(views, pulse),
                  runs,
                  Policy.DEFAULT)
              .winner()
              .replica()
              .slot();
      long cached = Math.min((long) runs[chosen] * BLOCK, request.input);
      hit += cached;
      all += request.input;
      uncached[chosen] += request.input - cached;
      freeAt[chosen] =
          Math.max(freeAt[chosen], request.at) + (request.input - cached) * MS_PER_TOKEN;
      running.add(new Running(freeAt[chosen] + request.output * 15.0, chosen));
      inFlight[chosen]++;
      index.store(chosen, keys);
      index.remove(chosen, caches[chosen].touch(keys, tokens / BLOCK));
    }
    double mean = Arrays.stream(uncached).average().orElseThrow();
    System.out.printf(
        "max/mean uncached %.3f; ", Arrays.stream(uncached).max().orElseThrow() / mean);
    return (double) hit / all;
  }

  private static PoolView pool(List<ReplicaView> views, PoolPulse pulse) {
    pulse.decided(views);
    return pulse.view(views);
  }

  private static List<Request> trace(String salt) throws IOException {
    Path file =
        Path.of(
            System.getProperty("kvlane.shared", "absent"),
            "data/traces/mooncake_conversation.jsonl.gz");
    assumeTrue(Files.exists(file), "needs the trace mooncake_conversation, which is not here");
    ChainRoot root = new ChainRoot(KeySpace.TOKENS, "kimi", "", salt, 1);
    List<Request> requests = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher m = LINE.matcher(line);
        assertThat(m.find()).as(line).isTrue();
        int[] ids = Arrays.stream(m.group(4).split(", *")).mapToInt(Integer::parseInt).toArray();
        // Ten requests share a stamp of three seconds: spread them.
        double at = Double.parseDouble(m.group(1)) + requests.size() % 10 * 300.0;
        requests.add(
            new Request(
                at,
                Integer.parseInt(m.group(2)),
                Integer.parseInt(m.group(3)),
                Blocks.tokens(ids, 1).chain(root)));
      }
    }
    requests.sort((a, b) -> Double.compare(a.at, b.at));
    return requests;
  }
}
