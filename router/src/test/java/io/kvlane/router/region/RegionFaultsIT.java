package io.kvlane.router.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.MockEngine;
import io.kvlane.router.config.KeyHash;
import io.kvlane.simulator.live.link.DelayProxy;
import io.kvlane.simulator.live.link.Distance;
import io.kvlane.simulator.live.link.LinkState;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three regions under load while links, engines, clocks and a router fail at random. At any time
 * one region is sound and can be reached by all others, so every request can be served somewhere.
 *
 * <p>{@code -Dkvlane.faults.seconds} says for how long (20), {@code -Dkvlane.faults.seed} repeats a
 * run's plan.
 */
class RegionFaultsIT {
  private static final List<String> NAMES = List.of("us-east", "eu-west", "ap-northeast");
  private static final List<String> ALLOWED = List.of("us-east", "eu-west");
  private static final int WORKERS = 6;
  private static final long SECONDS = Long.getLong("kvlane.faults.seconds", 20);
  private static final long SEED = Long.getLong("kvlane.faults.seed", System.nanoTime());

  @TempDir private static Path certificates;

  private TestWorld world;
  private final Map<String, List<TestRegion>> routers = new HashMap<>();
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private final Set<TestRegion> dead = ConcurrentHashMap.newKeySet();
  private final Queue<String> plan = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile String sound = NAMES.getFirst();

  @AfterEach
  void stop() {
    routers.values().forEach(region -> region.stream().skip(1).forEach(TestRegion::close));
    world.close();
  }

  private void start() throws Exception {
    String tenants =
        """
        tenants:
          - {name: acme, keys: [%s], salt: a secret, regions: %s}
        """
            .formatted(KeyHash.of("acme-key"), ALLOWED);
    world = new TestWorld(certificates, NAMES, (from, to) -> 10, SEED, tenants);
    for (TestRegion region : world.regions()) {
      region.engine().always(MockEngine.json(200, "{\"id\":\"1\"}"));
      routers.put(region.name, new CopyOnWriteArrayList<>(List.of(region)));
    }
    for (TestRegion region : all()) {
      routers.get(region.name).add(region.another(TestRegion.freePort()));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> all().stream().allMatch(at -> NAMES.stream().allMatch(to -> reaches(at, to))));
  }

  private List<TestRegion> all() {
    return routers.values().stream().flatMap(List::stream).toList();
  }

  private static boolean reaches(TestRegion at, String to) {
    return at.name.equals(to)
        || at.regions().all().stream()
            .anyMatch(other -> other.name().equals(to) && other.state(System.nanoTime()) != null);
  }

  @Test
  void requests_anyFaults_areServedWhereTheyMayBe() throws Exception {
    System.out.printf("RegionFaultsIT: -Dkvlane.faults.seed=%d, %d s%n", SEED, SECONDS);
    start();
    CountDownLatch over = new CountDownLatch(1);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      Random random = new Random(SEED + 1 + i);
      int worker = i;
      workers.add(Thread.ofVirtual().start(() -> work(worker, random, over)));
    }
    Thread faults = Thread.ofVirtual().start(() -> fail(new Random(SEED), over));
    assertThat(over.await(SECONDS, TimeUnit.SECONDS)).as("nothing ends it early").isFalse();
    over.countDown();
    faults.join();
    for (Thread worker : workers) {
      worker.join();
    }
    System.out.printf("%d answered, %d refused by residency%n", answered.get(), refused.get());

    assertThat(lost).as("of seed %d, plan %s", SEED, plan).isEmpty();
    assertThat(answered.get()).isGreaterThan(100);
    assertThat(routers.get("ap-northeast").getFirst().engine().seen())
        .as("bodies of a tenant that must not be there")
        .noneMatch(seen -> seen.text().contains("acme"));
    for (TestRegion router : all()) {
      assertThat(router.count("kvlane.residency.violations")).isZero();
    }
  }

  private void work(int worker, Random random, CountDownLatch over) {
    for (int number = 0; over.getCount() > 0; number++) {
      boolean acme = random.nextInt(3) == 0;
      String prompt = (acme ? "acme" : "any") + "-" + worker + "-" + number;
      List<TestRegion> at = routers.get(NAMES.get(random.nextInt(NAMES.size())));
      try {
        ask(prompt, acme, at, random);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void ask(String prompt, boolean acme, List<TestRegion> at, Random random)
      throws InterruptedException {
    String before = sound;
    List<TestRegion> live = List.copyOf(at);
    TestRegion router = live.get(random.nextInt(live.size()));
    try {
      HttpResponse<String> answer =
          acme ? router.chat(prompt, "authorization", "Bearer acme-key") : router.chat(prompt);
      boolean mayBeRefused = acme && !(ALLOWED.contains(before) && ALLOWED.contains(sound));
      if (answer.statusCode() == 200) {
        answered.incrementAndGet();
      } else if (mayBeRefused) {
        refused.incrementAndGet();
      } else if (dead.contains(router)) {
        ask(prompt, acme, at, random);
      } else {
        lost.add(router.name + ' ' + prompt + ": " + answer.statusCode() + ' ' + answer.body());
      }
    } catch (IOException e) {
      if (dead.contains(router)) {
        // What a router was answering dies with it; its clients turn to another one.
        ask(prompt, acme, at, random);
      } else {
        lost.add(router.name + ' ' + prompt + ": " + e);
      }
    }
  }

  private void fail(Random random, CountDownLatch over) {
    long changeAt = System.nanoTime();
    long crashAt = changeAt;
    try {
      while (!over.await(100 + random.nextInt(500), TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() - changeAt > 5_000_000_000L) {
          changeAt = System.nanoTime();
          another(random, over);
        } else if (System.nanoTime() - crashAt > 8_000_000_000L) {
          crashAt = System.nanoTime();
          crash(random);
        } else {
          one(random);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Another region becomes the sound one: repaired first, and seen by all. */
  private void another(Random random, CountDownLatch over) throws InterruptedException {
    String next = NAMES.get(random.nextInt(NAMES.size()));
    engines(next, true);
    for (String from : NAMES) {
      set(from, next, LinkState.UP, 10);
    }
    while (!all().stream().allMatch(at -> reaches(at, next))) {
      if (over.await(50, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    say("sound: " + next);
    sound = next;
  }

  /** A router ends without a word, and a new one takes its place. */
  private void crash(Random random) {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    List<TestRegion> region = routers.get(name);
    TestRegion gone = region.removeLast();
    say(gone.name + "'s second router dies");
    dead.add(gone);
    gone.close();
    try {
      TestRegion next = region.getFirst().another(TestRegion.freePort());
      // Load balancers wait for /ready.
      await().until(() -> reaches(next, sound));
      region.add(next);
    } catch (Exception e) {
      lost.add("the new router of " + name + ": " + e);
    }
  }

  private void one(Random random) {
    String from = NAMES.get(random.nextInt(NAMES.size()));
    String to = NAMES.get(random.nextInt(NAMES.size()));
    LinkState[] states = LinkState.values();
    switch (random.nextInt(6)) {
      case 0 -> {
        if (!from.equals(sound)) {
          engines(from, random.nextInt(3) == 0);
        }
      }
      case 1 -> set(from, to, LinkState.UP, 10 + random.nextInt(40));
      case 2 -> clock(from, random);
      default -> {
        if (!to.equals(sound)) {
          set(from, to, states[random.nextInt(states.length)], 10);
        }
      }
    }
  }

  private void set(String from, String to, LinkState state, int roundTripMillis) {
    if (!from.equals(to)) {
      DelayProxy link = world.link(from, to);
      say(from + " to " + to + ": " + state + ' ' + roundTripMillis + " ms");
      link.distance(Distance.ofMillis(roundTripMillis));
      link.state(state).await();
    }
  }

  private void clock(String region, Random random) {
    long step = random.nextLong(-86_400_000, 86_400_000);
    say(region + "'s first router is " + step + " ms off");
    routers.get(region).getFirst().clockStepMillis.set(step);
  }

  private void engines(String region, boolean sane) {
    say(region + "'s engine " + (sane ? "lives" : "dies"));
    TestRegion first = routers.get(region).getFirst();
    first.engine().always(sane ? MockEngine.json(200, "{\"id\":\"1\"}") : MockEngine.reset());
    first.healthy(1, sane);
  }

  private void say(String what) {
    plan.add("\n" + what);
  }
}
