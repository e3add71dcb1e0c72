package io.kvlane.router.telemetry.cache;

import java.util.Set;

/**
 * Requests that are counted together. All its parts are bounded: see {@code telemetry.Labels}.
 *
 * @param region where they were served
 * @param replica that served them; empty if another region chose it
 */
record Group(String model, String tenant, String region, String replica) {
  /** Where there are too many of them. */
  static final Group OTHER = new Group("other", "other", "other", "other");

  String key(Question.By by) {
    return switch (by) {
      case NONE -> "";
      case MODEL -> model;
      case TENANT -> tenant;
      case REGION -> region;
      case REPLICA -> replica;
    };
  }

  /** Whether a question is about it; empty stands for all. */
  boolean isOf(String wantedModel, Set<String> tenants) {
    return (wantedModel.isEmpty() || wantedModel.equals(model))
        && (tenants.isEmpty() || tenants.contains(tenant));
  }
}
