package io.kvlane.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(5 * SECOND);
  private final Breaker breaker = new Breaker(now::get, 30 * SECOND);

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed();
    }
  }

  @Test
  void admits_failuresWithASuccessBetween_staysClosed() {
    fail(Breaker.FAILURES - 1);
    breaker.succeeded();
    fail(Breaker.FAILURES - 1);

    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void admits_open_oneProbeAfterASecond() {
    fail(Breaker.FAILURES);
    assertThat(breaker.admits()).isFalse();

    now.addAndGet(SECOND);
    assertThat(breaker.admits()).isTrue();
    breaker.dispatched();
    assertThat(breaker.admits()).as("while the probe runs").isFalse();

    breaker.succeeded();
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void failed_manyAtOnce_opensForASecond() {
    fail(Breaker.FAILURES + 100);
    assertThat(breaker.admits()).isFalse();

    now.addAndGet(SECOND);
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void failed_probe_doublesTheTimeUpToALimit() {
    fail(Breaker.FAILURES);
    for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
      now.addAndGet(seconds * SECOND - 1);
      assertThat(breaker.admits()).as("before %d s", seconds).isFalse();
      now.addAndGet(1);
      assertThat(breaker.admits()).as("after %d s", seconds).isTrue();
      breaker.dispatched();
      breaker.failed();
    }
  }

  @Test
  void retry_open_oneProbeAtOnce() {
    fail(Breaker.FAILURES + 5);
    breaker.retry();
    assertThat(breaker.admits()).isTrue();
    breaker.dispatched();
    assertThat(breaker.admits()).as("while the probe runs").isFalse();
  }
}
