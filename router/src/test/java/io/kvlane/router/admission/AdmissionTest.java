package io.kvlane.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.router.admission.Ticket.State;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final AtomicInteger capacity = new AtomicInteger(2);
  private final Admission admission = new Admission(model -> capacity.get(), 2);
  private final List<String> called = new ArrayList<>();

  private Ticket enter(String name) {
    return admission.enter("m", Runnable::run, () -> called.add(name));
  }

  @Test
  void enter_belowCapacity_isAdmitted() {
    assertThat(enter("a").state()).isEqualTo(State.ADMITTED);
    assertThat(admission.inFlight()).isEqualTo(1);
    assertThat(called).isEmpty();
  }

  @Test
  @DisplayName("CAS-9: the line is bounded")
  void enter_lineFull_isRefused() {
    enter("a");
    enter("b");
    enter("c");
    enter("d");

    assertThat(enter("e").state()).isEqualTo(State.REFUSED);
    assertThat(admission.queued()).isEqualTo(2);
  }

  @Test
  void release_lineWaits_admitsTheFirst() {
    Ticket a = enter("a");
    enter("b");
    enter("c");
    enter("d");
    a.release();
    a.release();

    assertThat(called).containsExactly("c");
    assertThat(admission.inFlight()).isEqualTo(2);
    assertThat(admission.queued()).isEqualTo(1);
  }

  @Test
  void release_inLine_leavesItAtOnce() {
    Ticket a = enter("a");
    enter("b");
    Ticket c = enter("c");
    enter("d");
    c.release();
    a.release();

    assertThat(called).containsExactly("d");
  }

  @Test
  void poke_capacityGrew_admits() {
    enter("a");
    enter("b");
    Ticket c = enter("c");
    capacity.set(3);
    c.poke();

    assertThat(c.state()).isEqualTo(State.ADMITTED);
  }

  @Test
  void enter_noReplica_doesNotWait() {
    capacity.set(0);

    assertThat(enter("a").state()).isEqualTo(State.ADMITTED);
  }

  @Property(tries = 300)
  void anyOrder_neverAboveCapacity_firstComeFirstServed(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    var limit = new AtomicInteger(3);
    var subject = new Admission(model -> limit.get(), 5);
    List<Ticket> tickets = new ArrayList<>();
    List<Integer> served = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      if (random.nextBoolean() || tickets.isEmpty()) {
        int name = i;
        Ticket ticket = subject.enter("m", Runnable::run, () -> served.add(name));
        tickets.add(ticket);
      } else {
        tickets.remove(random.nextInt(tickets.size())).release();
      }
      assertThat(subject.inFlight()).isBetween(0, 3);
      assertThat(subject.queued()).isBetween(0, 5);
      assertThat(served).isSorted();
    }
    tickets.forEach(Ticket::release);
    assertThat(subject.inFlight() + subject.queued()).isZero();
  }
}
