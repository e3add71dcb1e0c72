package io.kvlane.router.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kvlane.router.policy.AuditNote;
import io.kvlane.router.policy.FieldError;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AuditRelayTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<AuditNote> there = new CopyOnWriteArrayList<>();

  private static AuditNote note(String action) {
    return new AuditNote(
        "olga", action, "", "DONE", List.of(new FieldError("/x", "y")), "eu/router-1", 7);
  }

  private double lost() {
    return meters.get("kvlane.audit.lost").counter().count();
  }

  @Test
  void line_thatCannotBeDelivered_isTriedAgain() {
    var attempts = new AtomicInteger();
    AuditRelay.Way broken =
        note -> {
          if (attempts.incrementAndGet() == 1) {
            throw new IOException("not now");
          }
          there.add(note);
        };
    try (var relay = new AuditRelay(broken, meters)) {
      relay.start();
      assertThat(relay.take(note("first"))).isTrue();
      assertThat(relay.take(note("second"))).isTrue();

      await().until(() -> there.size() == 2);
    }
    assertThat(there).containsExactly(note("first"), note("second"));
    assertThat(lost()).isZero();
  }

  @Test
  @DisplayName("nobody waits for a line: what there is no room for is lost, and counted")
  void line_withoutRoom_isLostAndCounted() {
    var opened = new CountDownLatch(1);
    try (var relay = new AuditRelay(note -> opened.await(), meters)) {
      relay.start();
      int taken = 0;
      for (int i = 0; i < 1_100; i++) {
        taken += relay.take(note("n" + i)) ? 1 : 0;
      }

      assertThat(taken).isBetween(1_000, 1_001);
      assertThat(lost()).isEqualTo(1_100 - taken);
      opened.countDown();
    }
  }

  @Test
  void line_ofAnotherRegion_isThatRegionsOnly() {
    try (var relay = new AuditRelay(there::add, meters)) {
      relay.start();
      Buffer line = Buffer.buffer(AuditRelay.text(note("drain")));

      assertThat(relay.take("us", line)).isFalse();
      assertThat(relay.take("e", line)).isFalse();
      assertThat(relay.take("eu", Buffer.buffer("{"))).isFalse();
      assertThat(relay.take("eu", Buffer.buffer("{}"))).isFalse();
      assertThat(relay.take("eu", line)).isTrue();

      await().until(() -> there.equals(List.of(note("drain"))));
    }
  }

  @Test
  void lines_ofTheRegion_areCollected() {
    Queue<String> region = new ArrayDeque<>();
    region.add(AuditRelay.text(note("a")));
    region.add("nonsense");
    region.add(AuditRelay.text(note("b")));
    try (var relay = new AuditRelay(there::add, meters)) {
      relay.start();
      relay.collect(region);

      await().until(() -> there.equals(List.of(note("a"), note("b"))));
    }
    assertThat(region).isEmpty();
    assertThat(lost()).isEqualTo(1);
  }
}
