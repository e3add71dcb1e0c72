package io.kvlane.router.telemetry.cache;

/**
 * What is counted. The order is that in which counts travel between routers: new ones come last.
 */
enum Count {
  REQUESTS,
  ERRORS,
  /** Tokens of prompts whose engine said what was cached. */
  PROMPT,
  /** Of these, those that routing believed to be cached. */
  PREDICTED,
  /** Of these, those that were. */
  REPORTED,
  /** Of these, those that were cached anywhere. */
  REUSABLE,
  LOST_WORKLOAD,
  LOST_LOAD,
  LOST_POLICY,
  LOST_RESIDENCY,
  LOST_DISTANCE,
  LOST_HEALTH,
  FALSE_HIT,
  FALSE_MISS,
  /** Answers whose engine did not say. */
  UNREPORTED,
  SAVED_MICRO_USD,
  HIT,
  HOME,
  SPILL,
  FORWARD,
  FAILOVER,
  OFF
}
