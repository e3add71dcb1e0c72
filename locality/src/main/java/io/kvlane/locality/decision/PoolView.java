package io.kvlane.locality.decision;

import java.util.List;

/**
 * A region's replicas for one model, as one router sees them at the moment of a decision.
 *
 * @param replicas at least one
 * @param busy share of time in which a replica of the pool had prefill to do, 0 to 1, lately
 * @param answerMs how long an answer takes from its first to its last byte, on average, lately
 * @param hits share of a prompt that is cached where it is sent, 0 to 1, on average, lately
 */
public record PoolView(List<ReplicaView> replicas, double busy, double answerMs, double hits) {

  public PoolView {
    replicas = List.copyOf(replicas);
    if (replicas.isEmpty()) {
      throw new IllegalArgumentException("replicas: none");
    }
  }
}
