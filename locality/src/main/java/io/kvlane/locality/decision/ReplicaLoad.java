package io.kvlane.locality.decision;

import io.kvlane.locality.prefix.Chain;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What is in flight at one replica, as one router knows it: its own requests counted at the moment
 * of the decision, for engines' own gauges lag by seconds, and what the other routers last said.
 * Safe for any thread.
 */
public final class ReplicaLoad {
  /** How much longer than its prefill a first byte may take, for all that is not known of it. */
  public static final double GRACE_FACTOR = 2;

  /** And this long beyond, milliseconds. */
  public static final double GRACE_MS = 250;

  /** How often the routers of a region tell each other what they have in flight, milliseconds. */
  public static final long TOLD_MS = 20;

  private static final long TOLD_NANOS = TOLD_MS * 1_000_000;

  /** How long after its first byte a prompt may not be in the locality map yet. */
  private static final long SETTLING_NANOS = 1_000_000_000L;

  /** Prompts of other routers, and settling ones, that are remembered; the newest stay. */
  private static final int MAX_REMEMBERED = 512;

  private final double graceFactor;
  private final double graceMs;

  // In the order of their dispatch, which is the order in which an engine takes them.
  private final Deque<Call> unanswered = new ArrayDeque<>();
  // Answered, but perhaps not yet in the map.
  private final Deque<Call> settling = new ArrayDeque<>();
  private final Deque<Elsewhere> elsewhere = new ArrayDeque<>();
  private int requests;
  private long waitingTokens;
  private int others;
  private long toldNanos;
  private int othersRequests;
  private int othersUnanswered;
  private long othersWaitingTokens;

  /** A prompt that another router sent. */
  private record Elsewhere(long[] chain, long untilNanos) {}

  /** One request, from dispatch to end. */
  public static final class Call {
    private final long[] chain;
    private final long uncachedTokens;
    private final long ahead;
    private final long begunNanos;
    private final long dueNanos;
    private long answeredNanos;
    private boolean answered;
    private boolean over;

    private Call(long[] chain, long uncachedTokens, long ahead, long begunNanos, long dueNanos) {
      this.chain = chain;
      this.uncachedTokens = uncachedTokens;
      this.ahead = ahead;
      this.begunNanos = begunNanos;
      this.dueNanos = dueNanos;
    }
  }

  /** Nothing in flight. */
  public ReplicaLoad() {
    this(GRACE_FACTOR, GRACE_MS);
  }

  /** The same with other constants, for studies. */
  public ReplicaLoad(double graceFactor, double graceMs) {
    this.graceFactor = graceFactor;
    this.graceMs = graceMs;
  }

  /**
   * A request goes out.
   *
   * @param chain keys of its prompt; kept until the prompt is in the locality map, not to be
   *     changed
   * @param uncachedTokens of its prompt, which the replica has to prefill
   * @param msPerToken prefill time to assume
   */
  public synchronized Call dispatched(
      long[] chain, long uncachedTokens, double msPerToken, long nowNanos) {
    long ahead = allWaitingTokens();
    long due = nowNanos + graceNanos((double) ahead + uncachedTokens, msPerToken);
    Call call = new Call(chain, uncachedTokens, ahead, nowNanos, due);
    unanswered.add(call);
    requests++;
    waitingTokens += uncachedTokens;
    return call;
  }

  private long graceNanos(double tokens, double msPerToken) {
    return (long) ((graceFactor * tokens * msPerToken + graceMs) * 1e6);
  }

  /**
   * The first byte came. Repeats are harmless.
   *
   * @param rate told how long prefill took
   */
  public synchronized void answered(Call call, PrefillRate rate, long nowNanos) {
    if (call.answered) {
      return;
    }
    if (nowNanos <= call.dueNanos) {
      // A late one has waited for something else, which is not to be taken for slow prefill.
      rate.observe(call.ahead + call.uncachedTokens, (nowNanos - call.begunNanos) / 1e6);
    }
    call.answeredNanos = nowNanos;
    settle(call);
    settling.add(call);
    if (settling.size() > MAX_REMEMBERED) {
      settling.remove();
    }
  }

  /**
   * The answer is complete, or will never be. Repeats are harmless.
   *
   * @return milliseconds since its first byte; -1 if there was none
   */
  public synchronized double ended(Call call, long nowNanos) {
    if (call.over) {
      return -1;
    }
    call.over = true;
    boolean begun = call.answered;
    settle(call);
    requests--;
    return begun ? (nowNanos - call.answeredNanos) / 1e6 : -1;
  }

  private void settle(Call call) {
    if (!call.answered) {
      call.answered = true;
      unanswered.remove(call);
      waitingTokens -= call.uncachedTokens;
    }
  }

  /**
   * What the other routers say that they have in flight there.
   *
   * @param routers how many of them are sending requests to any replica
   * @param told what they sent later than that is not in it
   */
  public synchronized void others(
      int routers, int theirRequests, int theirUnanswered, long theirWaitingTokens, long told) {
    others = routers;
    toldNanos = told;
    othersRequests = theirRequests;
    othersUnanswered = theirUnanswered;
    othersWaitingTokens = Math.max(0, theirWaitingTokens);
  }

  /**
   * Another router has sent a prompt there.
   *
   * @param chain its keys, not to be changed
   * @param tokens its length
   */
  public synchronized void sentElsewhere(
      long[] chain, double tokens, double msPerToken, long nowNanos) {
    long wait = graceNanos(allWaitingTokens() + tokens, msPerToken);
    elsewhere.add(new Elsewhere(chain, nowNanos + wait + SETTLING_NANOS));
    if (elsewhere.size() > MAX_REMEMBERED) {
      elsewhere.remove();
    }
  }

  /**
   * How many blocks of a prompt the replica will hold once it has prefilled what was sent to it. It
   * takes requests in the order of their arrival, so a prompt finds cached what one before it
   * begins with, though no event has told of it yet.
   */
  public synchronized int promised(Chain chain, long nowNanos) {
    while (!settling.isEmpty() && nowNanos - settling.peek().answeredNanos > SETTLING_NANOS) {
      settling.remove();
    }
    elsewhere.removeIf(sent -> nowNanos - sent.untilNanos > 0);
    int longest = 0;
    for (Call call : unanswered) {
      longest = chain.common(call.chain, longest);
    }
    for (Call call : settling) {
      longest = chain.common(call.chain, longest);
    }
    for (Elsewhere sent : elsewhere) {
      longest = chain.common(sent.chain, longest);
    }
    return longest;
  }

  /** Own requests in flight. */
  public synchronized int requests() {
    return requests;
  }

  /** What the other routers say that they have in flight there. */
  public synchronized int othersRequests() {
    return othersRequests;
  }

  /** Own requests without a first byte. */
  public synchronized int unanswered() {
    return unanswered.size();
  }

  /** Uncached prompt tokens of the own requests without a first byte. */
  public synchronized long waitingTokens() {
    return waitingTokens;
  }

  private long allWaitingTokens() {
    return waitingTokens + othersWaitingTokens;
  }

  /**
   * The replica at this moment.
   *
   * @param evictionLoss what {@link Reuse#chance} says of it
   * @param msPerToken prefill time to assume
   */
  public synchronized ReplicaView view(
      String id,
      int slot,
      boolean healthy,
      double evictionLoss,
      double msPerToken,
      double roundTripMs,
      long nowNanos) {
    Call oldest = unanswered.peek();
    return new ReplicaView(
        id,
        slot,
        healthy,
        requests + othersRequests,
        unanswered.size() + othersUnanswered,
        oldest != null && nowNanos - oldest.dueNanos > 0,
        allWaitingTokens(),
        evictionLoss,
        msPerToken,
        roundTripMs);
  }

  /**
   * The replica with what other routers are likely to have sent it since they last told: each of
   * them as many prompts that begin like this one as this router has. Requests that begin alike
   * often come at once, such as the branches of a thought, through whatever router; if each sees
   * but its own, all of them meet at one replica.
   *
   * @param view of this replica
   * @param shared blocks with which so many prompts begin that they say nothing
   */
  public synchronized ReplicaView withUntold(
      ReplicaView view, Chain chain, int shared, long nowNanos) {
    // Who has nothing new to tell is silent.
    long since = Math.max(toldNanos, nowNanos - TOLD_NANOS);
    int requests = 0;
    long tokens = 0;
    for (Iterator<Call> calls = unanswered.descendingIterator(); calls.hasNext(); ) {
      Call call = calls.next();
      if (call.begunNanos - since <= 0) {
        break;
      }
      if (chain.common(call.chain, shared) > shared) {
        requests += others;
        tokens += others * call.uncachedTokens;
      }
    }
    return requests == 0 ? view : view.plus(requests, tokens);
  }
}
