package io.kvlane.router.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Says whether a history of one object is linearizable: whether each operation can be thought to
 * have taken place at one moment between its call and its return.
 *
 * <p>Wing and Gong's search [1] with Lowe's memory of configurations that were seen [2]. Objects
 * that do not depend on each other are checked one by one [3].
 *
 * <p>[1] J. Wing, C. Gong: Testing and verifying concurrent objects, JPDC 17 (1993). [2] G. Lowe:
 * Testing for linearizability, CCPE 29 (2017). [3] A. Horn, D. Kroening: Faster linearizability
 * checking via P-compositionality, FORTE 2015.
 */
final class Linearizability {
  /** The return of an operation that was never heard of again: it may have taken place or not. */
  static final long NEVER = Long.MAX_VALUE;

  private Linearizability() {}

  /**
   * One operation.
   *
   * @param step the state behind it, null if it cannot have had this outcome in that state
   */
  record Operation(long called, long returned, UnaryOperator<String> step, String text) {}

  /** A call or a return, in a list ordered by time. */
  private static final class Event {
    final Operation operation;
    final int number;
    final long at;
    final boolean isCall;
    Event itsReturn;
    Event before;
    Event behind;

    Event(Operation operation, int number, long at, boolean isCall) {
      this.operation = operation;
      this.number = number;
      this.at = at;
      this.isCall = isCall;
    }

    void leave() {
      before.behind = behind;
      if (behind != null) {
        behind.before = before;
      }
    }

    void comeBack() {
      before.behind = this;
      if (behind != null) {
        behind.before = this;
      }
    }
  }

  private record Configuration(BitSet done, String state) {}

  private record Move(Event call, String stateBefore) {}

  /** Whether the history can be explained, from {@code initial} on. */
  static boolean holds(String initial, List<Operation> history) {
    Event head = events(history);
    long open = history.stream().filter(operation -> operation.returned != NEVER).count();
    Set<Configuration> seen = new HashSet<>();
    Deque<Move> moves = new ArrayDeque<>();
    BitSet done = new BitSet(history.size());
    String state = initial;
    Event event = head.behind;
    while (open > 0) {
      if (event != null && event.isCall) {
        String next = event.operation.step.apply(state);
        done.set(event.number);
        if (next != null && seen.add(new Configuration((BitSet) done.clone(), next))) {
          moves.push(new Move(event, state));
          state = next;
          open -= event.itsReturn == null ? 0 : 1;
          event.leave();
          if (event.itsReturn != null) {
            event.itsReturn.leave();
          }
          event = head.behind;
        } else {
          done.clear(event.number);
          event = event.behind;
        }
        continue;
      }
      if (moves.isEmpty()) {
        return false;
      }
      Move last = moves.pop();
      state = last.stateBefore;
      done.clear(last.call.number);
      if (last.call.itsReturn != null) {
        last.call.itsReturn.comeBack();
        open++;
      }
      last.call.comeBack();
      event = last.call.behind;
    }
    return true;
  }

  private static Event events(List<Operation> history) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < history.size(); i++) {
      Operation operation = history.get(i);
      var call = new Event(operation, i, operation.called, true);
      events.add(call);
      if (operation.returned != NEVER) {
        call.itsReturn = new Event(operation, i, operation.returned, false);
        events.add(call.itsReturn);
      }
    }
    // At the same time, calls come first: the history then allows for more, never for less.
    events.sort(Comparator.comparingLong((Event e) -> e.at).thenComparing(e -> !e.isCall));
    var head = new Event(null, -1, Long.MIN_VALUE, false);
    Event last = head;
    for (Event event : events) {
      last.behind = event;
      event.before = last;
      last = event;
    }
    return head;
  }
}
