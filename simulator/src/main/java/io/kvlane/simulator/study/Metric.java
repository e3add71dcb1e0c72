package io.kvlane.simulator.study;

/** A number of a {@link Summary}, as reports show it. */
public enum Metric {
  REQUESTS("requests", "requests", Better.NEITHER, 0),
  FAILED("failed", "failed", Better.LOWER, 0),
  REFUSED("refused", "refused", Better.LOWER, 0),
  HIT_RATIO("hitRatio", "hit", Better.HIGHER, 3),
  PREDICTED_HIT_RATIO("predictedHitRatio", "predicted", Better.NEITHER, 3),
  TTFT_P50("ttftP50Ms", "TTFT p50", Better.LOWER, 0),
  TTFT_P95("ttftP95Ms", "TTFT p95", Better.LOWER, 0),
  TTFT_P99("ttftP99Ms", "TTFT p99", Better.LOWER, 0),
  END_TO_END_P50("endToEndP50Ms", "E2E p50", Better.LOWER, 0),
  END_TO_END_P95("endToEndP95Ms", "E2E p95", Better.LOWER, 0),
  THROUGHPUT("throughput", "req/s", Better.HIGHER, 2),
  GOODPUT("goodput", "good/s", Better.HIGHER, 2),
  ATTAINMENT("attainment", "attained", Better.HIGHER, 3),
  IMBALANCE("imbalance", "imbalance", Better.LOWER, 2),
  CROSS_REGION_SHARE("crossRegionShare", "abroad", Better.NEITHER, 3),
  CROSS_REGION_BYTES("crossRegionBytes", "bytes abroad", Better.NEITHER, 0),
  UTILISATION("utilisation", "busy", Better.NEITHER, 3);

  /** Which of two values is the better one. */
  enum Better {
    HIGHER,
    LOWER,
    NEITHER
  }

  private final String key;
  private final String title;
  private final Better better;
  private final int decimals;

  Metric(String key, String title, Better better, int decimals) {
    this.key = key;
    this.title = title;
    this.better = better;
    this.decimals = decimals;
  }

  /** Value of one run, NaN if there is none. Times are milliseconds, rates are per second. */
  public double of(Summary run) {
    return switch (this) {
      case REQUESTS -> run.requests();
      case FAILED -> run.failed();
      case REFUSED -> run.refused();
      case HIT_RATIO -> run.hitRatio();
      case PREDICTED_HIT_RATIO -> run.predictedHitRatio();
      case TTFT_P50 -> run.ttftMs().get(50);
      case TTFT_P95 -> run.ttftMs().get(95);
      case TTFT_P99 -> run.ttftMs().get(99);
      case END_TO_END_P50 -> run.endToEndMs().get(50);
      case END_TO_END_P95 -> run.endToEndMs().get(95);
      case THROUGHPUT -> run.throughput();
      case GOODPUT -> run.goodput();
      case ATTAINMENT -> run.attainment();
      case IMBALANCE -> run.imbalance();
      case CROSS_REGION_SHARE -> run.crossRegionShare();
      case CROSS_REGION_BYTES -> run.crossRegionBytes();
      case UTILISATION -> run.utilisation();
    };
  }

  /** Name in CSV and JSON. */
  public String key() {
    return key;
  }

  String title() {
    return title;
  }

  int decimals() {
    return decimals;
  }

  Better better() {
    return better;
  }
}
