package io.kvlane.router.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What one policy says must be possible, and must not contradict itself. */
final class PolicyCheck {
  private static final long DAY_MS = 86_400_000;
  private static final int MAX_HEADERS = 16;
  private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]{1,64}");

  private final Policy policy;
  private final Set<String> regions;
  private final Checks checks = new Checks();

  private PolicyCheck(Policy policy, Set<String> regions) {
    this.policy = policy;
    this.regions = regions;
  }

  /**
   * @param regions all that exist
   */
  static List<FieldError> check(Policy policy, Set<String> regions) {
    var check = new PolicyCheck(policy, regions);
    check.bounds();
    check.match();
    check.regions();
    check.attempts();
    check.consistency();
    return check.checks.errors();
  }

  private void bounds() {
    checks.id(policy.id());
    checks.text("/description", policy.description(), 0, 1000);
    checks.range("/priority", policy.priority(), 1, 1_000_000);
    checks.range("/affinity/minStakeTokens", policy.affinity().minStakeTokens(), 0, 10_000_000);
    checks.range("/spill/maxWaitMs", policy.spill().maxWaitMs(), 0, 600_000);
    checks.range("/spill/maxLoadFactor", policy.spill().maxLoadFactor(), 1.0, 100.0);
    checks.range("/retry/maxAttempts", policy.retry().maxAttempts(), 1, 10);
    checks.range("/retry/budgetPercent", policy.retry().budgetPercent(), 0.0, 50.0);
    checks.range("/retry/minPerSecond", policy.retry().minPerSecond(), 0, 1000);
    checks.range("/hedge/maxExtraPercent", policy.hedge().maxExtraPercent(), 0.0, 5.0);
    checks.range("/quota/limit", policy.quota().limit(), 0, Long.MAX_VALUE >> 1);
    Policy.TimeLimits limits = policy.timeLimits();
    checks.range("/timeLimits/firstByteMs", limits.firstByteMs(), 1, DAY_MS);
    checks.range("/timeLimits/answerMs", limits.answerMs(), 1, DAY_MS);
    checks.range("/timeLimits/idleMs", limits.idleMs(), 1, DAY_MS);
    if (limits.firstByteMs() > limits.answerMs()) {
      checks.refuse("/timeLimits/firstByteMs", "longer than the whole answer may take");
    }
  }

  private void match() {
    Policy.Match match = policy.match();
    checks.text("/match/modelGlob", match.modelGlob(), 1, 256);
    checks.text("/match/tenant", match.tenant(), 1, 256);
    checks.text("/match/route", match.route(), 1, 256);
    if (match.headers().size() > MAX_HEADERS) {
      checks.refuse("/match/headers", "expected: at most " + MAX_HEADERS + " headers");
    }
    for (Map.Entry<String, String> header : match.headers().entrySet()) {
      String path = "/match/headers/" + Diff.escape(header.getKey());
      if (!HEADER.matcher(header.getKey()).matches()) {
        checks.refuse(path, "expected: a header's name in lower case");
      }
      checks.text(path, header.getValue(), 1, 256);
    }
    if (policy.id().equals(Policy.LAST_RESORT) && !match.isAnything()) {
      checks.refuse("/match", "the default policy must match everything");
    }
  }

  private void regions() {
    Policy.Residency residency = policy.residency();
    checks.regions("/regionOrder", policy.regionOrder(), regions);
    checks.regions("/residency/allowedRegions", residency.allowedRegions(), regions);
    for (int i = 0; i < policy.regionOrder().size(); i++) {
      if (!residency.allows(policy.regionOrder().get(i))) {
        checks.refuse("/regionOrder/" + i, "residency.allowedRegions rules this region out");
      }
    }
  }

  private void attempts() {
    boolean other = policy.failover().otherReplicas() || policy.failover().otherRegions();
    if (policy.hedge().maxExtraPercent() > 0 && policy.retry().maxAttempts() < 2) {
      checks.refuse("/hedge/maxExtraPercent", "a hedge is a second attempt, and there is none");
    }
    if (policy.hedge().maxExtraPercent() > 0 && !other) {
      checks.refuse("/hedge/maxExtraPercent", "failover leaves no place for a second attempt");
    }
  }

  /** CAP-1: each policy states its side, and what that costs. */
  private void consistency() {
    Policy.Partition partition = policy.partition();
    boolean hard = policy.quota().hard();
    if (hard && policy.quota().limit() == 0) {
      checks.refuse("/quota/hard", "a hard quota without a limit");
    }
    if (policy.consistency() == Policy.Consistency.CP) {
      if (partition != null) {
        checks.refuse("/partition", "only AP serves while regions do not hear of each other");
      }
      return;
    }
    if (partition == null) {
      checks.refuse("/partition", "AP states what holds on a partition, and its bound");
      return;
    }
    if (partition.onPartition() == null) {
      checks.refuse("/partition/onPartition", "AP states what becomes of requests");
    }
    if (partition.maxStalenessMs() == null) {
      checks.refuse("/partition/maxStalenessMs", "AP states a bound");
    } else {
      checks.range("/partition/maxStalenessMs", partition.maxStalenessMs(), 0, DAY_MS);
      if (partition.maxStalenessMs() == 0
          && partition.onPartition() == Policy.Partition.OnPartition.SERVE_STALE) {
        checks.refuse("/partition/maxStalenessMs", "SERVE_STALE of what may not be stale");
      }
    }
    if (partition.maxOvershoot() != null) {
      checks.range("/partition/maxOvershoot", partition.maxOvershoot(), 0.0, 1.0);
    } else {
      checks.refuse(
          "/partition/maxOvershoot",
          hard ? "a hard quota under AP needs a bound, or CP" : "AP states a bound");
    }
  }
}
