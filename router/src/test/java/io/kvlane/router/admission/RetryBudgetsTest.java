package io.kvlane.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Policy;
import io.kvlane.router.policy.ResourceJson;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetryBudgetsTest {
  private final AtomicLong now = new AtomicLong(TimeUnit.HOURS.toNanos(1));
  private final RetryBudgets budgets = new RetryBudgets(now::get);

  private static Policy policy(String id, double percent, int perSecond) {
    String json =
        """
        {"id":"%s","priority":7,"consistency":"CP","retry":{"budgetPercent":%s,"minPerSecond":%d}}
        """
            .formatted(id, percent, perSecond);
    try {
      return (Policy) ResourceJson.read(Kind.POLICY, ResourceJson.parse(json));
    } catch (InvalidResource e) {
      throw new IllegalArgumentException(e);
    }
  }

  private int taken(Policy policy, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += budgets.take(policy) ? 1 : 0;
    }
    return taken;
  }

  @Test
  @DisplayName("CAS-1: retries are a part of the requests, and a floor")
  void take_moreThanTheBudget_isRefused() {
    Policy fifth = policy("a", 20, 1);
    for (int i = 0; i < 200; i++) {
      budgets.requested(fifth);
    }
    assertThat(taken(fifth, 200)).isEqualTo(40 + 10);
    assertThat(taken(policy("b", 20, 1), 200)).isEqualTo(10);
    assertThat(taken(policy("c", 50, 0), 10)).isZero();
  }

  @Test
  void take_tenSecondsLater_isAllowedAgain() {
    Policy floor = policy("a", 0, 2);
    assertThat(taken(floor, 100)).isEqualTo(20);
    now.addAndGet(TimeUnit.SECONDS.toNanos(9));
    assertThat(taken(floor, 100)).isZero();
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(taken(floor, 100)).isEqualTo(20);
  }

  @Test
  void budget_ofAnotherRevision_isThatOfThePolicyOfThatName() {
    assertThat(taken(policy("a", 0, 1), 100)).isEqualTo(10);
    assertThat(taken(policy("a", 0, 3), 100)).isEqualTo(20);
  }
}
