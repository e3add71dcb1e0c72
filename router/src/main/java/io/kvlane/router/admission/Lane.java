package io.kvlane.router.admission;

import io.kvlane.router.admission.Ticket.State;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The requests of one model: those in flight, and the line of those who wait. */
final class Lane {
  private final Admission admission;
  private final String model;
  private int inFlight;
  private int waiting;
  private @Nullable Ticket first;
  private @Nullable Ticket last;

  Lane(Admission admission, String model) {
    this.admission = admission;
    this.model = model;
  }

  synchronized Ticket enter(int limit, int maxLength, Executor loop, Runnable admitted) {
    if (limit <= 0 || (inFlight < limit && waiting == 0)) {
      inFlight++;
      admission.count(1, 0);
      return new Ticket(this, loop, admitted, State.ADMITTED);
    }
    if (waiting >= maxLength) {
      return new Ticket(this, loop, admitted, State.REFUSED);
    }
    Ticket ticket = new Ticket(this, loop, admitted, State.QUEUED);
    append(ticket);
    return ticket;
  }

  synchronized void release(Ticket ticket) {
    switch (ticket.state) {
      case ADMITTED -> {
        inFlight--;
        admission.count(-1, 0);
      }
      case QUEUED -> remove(ticket);
      case REFUSED, RELEASED -> {}
    }
    ticket.state = State.RELEASED;
    if (waiting > 0) {
      poke();
    }
  }

  synchronized void poke() {
    if (waiting == 0) {
      return;
    }
    int limit = admission.capacity(model);
    Ticket next = first;
    while (next != null && (inFlight < limit || limit <= 0)) {
      remove(next);
      next.state = State.ADMITTED;
      inFlight++;
      admission.count(1, 0);
      next.call();
      next = first;
    }
  }

  private void append(Ticket ticket) {
    ticket.before = last;
    if (last == null) {
      first = ticket;
    } else {
      last.behind = ticket;
    }
    last = ticket;
    waiting++;
    admission.count(0, 1);
  }

  private void remove(Ticket ticket) {
    Ticket before = ticket.before;
    Ticket behind = ticket.behind;
    if (before == null) {
      first = behind;
    } else {
      before.behind = behind;
    }
    if (behind == null) {
      last = before;
    } else {
      behind.before = before;
    }
    ticket.before = null;
    ticket.behind = null;
    waiting--;
    admission.count(0, -1);
  }
}
