package io.kvlane.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvlane.locality.log.DeltaFrame;
import io.kvlane.locality.log.DeltaFrame.Removed;
import io.kvlane.locality.log.DeltaFrame.Stored;
import io.kvlane.locality.log.ReplicaState;
import io.kvlane.locality.log.SnapshotChunk;
import io.kvlane.locality.prefix.KeySpace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LogPublisherTest {
  private static final long MILLIS = 1_000_000;
  private static final ReplicaState STATE =
      new ReplicaState(
          "r", "http://127.0.0.1:1", List.of("m"), true, 0, 0, true, 16, 1_000, 0, 0, 0);

  private static final LogPublisher.Observer NOBODY =
      new LogPublisher.Observer() {
        @Override
        public void frame(int keys) {}

        @Override
        public void epoch() {}

        @Override
        public void snapshot(int keys) {}
      };

  private final FakeStore store = new FakeStore();
  private final Set<Long> held = new LinkedHashSet<>();
  private final LogPublisher publisher =
      new LogPublisher(
          store,
          "r",
          () -> held.stream().mapToLong(Long::longValue).toArray(),
          InstantSource.fixed(Instant.ofEpochMilli(5_000)),
          10_000,
          NOBODY);
  private long now = 1;

  private void tick(long millis) {
    now += millis * MILLIS;
    publisher.tick(STATE, now);
    publisher.tick(STATE, now);
  }

  private void store(long... keys) {
    LongStream.of(keys).forEach(held::add);
    publisher.publish(List.of(new Stored(keys)), now);
  }

  private void remove(long... keys) {
    LongStream.of(keys).forEach(held::remove);
    publisher.publish(List.of(new Removed(keys)), now);
  }

  /** What a reader of the ring holds; frames of an epoch have to be numbered without holes. */
  private Set<Long> folded() {
    Set<Long> keys = new LinkedHashSet<>();
    long epoch = -1;
    long next = 0;
    for (int i = 0; i < store.ring.size(); i++) {
      DeltaFrame frame = store.frame(i);
      if (frame.epoch() > epoch) {
        epoch = frame.epoch();
        next = 0;
        keys.clear();
      }
      assertThat(frame.sequence()).isEqualTo(next++);
      for (var change : frame.changes()) {
        for (long key : change.keys()) {
          boolean known = change instanceof Stored ? !keys.add(key) : !keys.remove(key);
          assertThat(known).isFalse();
        }
      }
    }
    assertThat(epoch).isEqualTo(publisher.epoch());
    return keys;
  }

  private ReplicaState lastState() throws Exception {
    return new ObjectMapper().readValue(store.states.getLast(), ReplicaState.class);
  }

  @Test
  void tick_regionFound_epochIsAboveEveryEarlierOne() throws Exception {
    store.previous = new RegionStore.Previous(9_000, 0);
    tick(1);

    assertThat(publisher.epoch()).isEqualTo(9_001);
    assertThat(lastState().epoch()).isEqualTo(9_001);
    assertThat(lastState().sequence()).isZero();
    assertThat(publisher.hasState()).isTrue();
  }

  @Test
  void publish_severalChangesWithin5Millis_areOneFrame() {
    tick(1);
    int before = store.ring.size();
    store(1, 2);
    remove(2);
    tick(1);
    assertThat(store.ring).hasSize(before);

    tick(5);
    assertThat(store.ring).hasSize(before + 1);
    assertThat(folded()).containsExactly(1L);
  }

  @Test
  void publish_moreThanAFrameHolds_isCutInOrder() {
    tick(1);
    store(LongStream.rangeClosed(1, 3L * DeltaFrame.MAX_KEYS + 1).toArray());
    tick(6);

    assertThat(folded()).isEqualTo(held);
    assertThat(store.ring).hasSize(5);
  }

  @Test
  void newEpoch_isPublishedAtOnceAndVoidsWhatWaited() throws Exception {
    tick(1);
    store(1, 2);
    long before = publisher.epoch();
    held.clear();
    publisher.newEpoch();
    store(3);
    tick(1);

    assertThat(publisher.epoch()).isGreaterThan(before);
    assertThat(lastState().epoch()).isEqualTo(publisher.epoch());
    tick(6);
    assertThat(folded()).containsExactly(3L);
  }

  @Test
  void tick_framesLost_publishesEverythingAgainInANewEpoch() {
    tick(1);
    store(1, 2);
    tick(6);
    long before = publisher.epoch();
    store.answering = false;
    int call = store.adds.size();
    store(3);
    tick(6);
    store(4);
    tick(6);
    store.fail(call);
    store.arrive(call + 1);
    store.answering = true;
    tick(1);

    assertThat(publisher.epoch()).isGreaterThan(before);
    store.ring.removeIf(frame -> frame == store.sent.get(call + 1));
    assertThat(folded()).isEqualTo(held);
  }

  @Test
  void tick_regionAwayAndBack_publishesEverythingAgain() {
    tick(1);
    store(1);
    tick(6);
    store.online = false;
    tick(1);
    store(2);
    tick(6);
    store.online = true;
    store.connections++;
    store.ring.clear();
    tick(1);

    assertThat(folded()).containsExactly(1L, 2L);
  }

  @Test
  void snapshot_andFramesBehindIt_areWhatIsHeld() throws Exception {
    tick(1);
    store(1, 2, 3);
    tick(10_001);
    store(4);
    remove(1);
    tick(6);

    byte[] bytes = store.chunks.get(SnapshotChunk.mapKey("r", KeySpace.TOKENS, 0));
    SnapshotChunk chunk = SnapshotChunk.decode(bytes);
    assertThat(chunk.epoch()).isEqualTo(publisher.epoch());
    Set<Long> keys = new LinkedHashSet<>();
    LongStream.of(chunk.keys()).forEach(keys::add);
    assertThat(keys).containsExactly(1L, 2L, 3L);
    for (int i = 0; i < store.ring.size(); i++) {
      DeltaFrame frame = store.frame(i);
      for (var change :
          frame.sequence() > chunk.sequence() ? frame.changes() : List.<DeltaFrame.Change>of()) {
        for (long key : change.keys()) {
          boolean changed = change instanceof Stored ? keys.add(key) : keys.remove(key);
          assertThat(changed).isTrue();
        }
      }
    }
    assertThat(keys).isEqualTo(held);
  }

  @Test
  void leave_takesTheStateAway() throws Exception {
    tick(1);
    assertThat(store.states).isNotEmpty();
    publisher.leave(100);
    assertThat(store.states).isEmpty();
  }
}
