package io.kvlane.locality.decision;

import java.util.List;

/**
 * How busy a pool is lately, as a router sees it when it decides: arrivals see time averages (R.
 * Wolff, Poisson Arrivals See Time Averages, Operations Research 30(2), 1982). Old observations
 * fade. Safe for any thread.
 */
public final class PoolPulse {
  /** Weight of one decision, of one prompt or of one answer in the mean. */
  public static final double WEIGHT = 1.0 / 128;

  private final double weight;

  private double busy = 0.5;
  private double answerMs = -1;
  private double hits;

  /** Nothing seen yet. */
  public PoolPulse() {
    this(WEIGHT);
  }

  /** The same with another weight, for studies. */
  public PoolPulse(double weight) {
    this.weight = weight;
  }

  /** Notes what a decision saw. */
  public synchronized void decided(List<ReplicaView> replicas) {
    int working = 0;
    for (ReplicaView replica : replicas) {
      working += replica.waitingTokens() > 0 ? 1 : 0;
    }
    busy += weight * ((double) working / replicas.size() - busy);
  }

  /** Notes how much of a prompt is believed to be cached where it goes, in tokens. */
  public synchronized void sent(double cachedTokens, int promptTokens) {
    hits += weight * (cachedTokens / Math.max(1, promptTokens) - hits);
  }

  /** Notes how long an answer took from its first to its last byte; below 0 is not known. */
  public synchronized void answered(double millis) {
    if (millis >= 0) {
      answerMs = answerMs < 0 ? millis : answerMs + weight * (millis - answerMs);
    }
  }

  /** The pool with these replicas at this moment. */
  public synchronized PoolView view(List<ReplicaView> replicas) {
    return new PoolView(replicas, busy, answerMs(), hits);
  }

  /** Share of time in which a replica had prefill to do, 0 to 1. */
  public synchronized double busy() {
    return busy;
  }

  /** Mean time from an answer's first to its last byte, at least 0. */
  public synchronized double answerMs() {
    return Math.max(0, answerMs);
  }
}
