package io.kvlane.router.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hazelcast.collection.IQueue;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import com.hazelcast.map.listener.EntryExpiredListener;
import com.hazelcast.map.listener.EntryUpdatedListener;
import io.kvlane.router.policy.AuditNote;
import io.kvlane.router.policy.RouterStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The region's copy of the newest revision, and what its routers say of theirs. Nothing in it is
 * promised: whoever has a newer revision puts it there again. All methods block.
 */
final class RegionCopy {
  private static final Logger log = LoggerFactory.getLogger(RegionCopy.class);
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** A router that says nothing for so long is gone. */
  private static final long KEPT_MILLIS = 5_000;

  private static final String HEAD = "head";
  private static final String TEXT = "text";

  private final IMap<String, String> copy;
  private final IMap<String, String> routers;
  private final IQueue<String> audit;

  RegionCopy(HazelcastInstance hazelcast) {
    copy = hazelcast.getMap("kvlane:policies");
    routers = hazelcast.getMap("kvlane:policies:routers");
    audit = hazelcast.getQueue("kvlane:audit");
  }

  /** Lines of the audit log on their way to the router that has it. */
  Queue<String> audit() {
    return audit;
  }

  /** Puts one there. */
  void tell(AuditNote note) throws IOException {
    if (!audit.offer(AuditRelay.text(note))) {
      throw new IOException("the region's queue is full");
    }
  }

  /** Is told whenever the revision or what a router says has changed; must not block. */
  void onChange(Runnable changed) {
    copy.addEntryListener((EntryAddedListener<String, String>) event -> changed.run(), HEAD, false);
    copy.addEntryListener(
        (EntryUpdatedListener<String, String>) event -> changed.run(), HEAD, false);
    routers.addEntryListener((EntryAddedListener<String, String>) event -> changed.run(), false);
    routers.addEntryListener((EntryUpdatedListener<String, String>) event -> changed.run(), false);
    routers.addEntryListener((EntryExpiredListener<String, String>) event -> changed.run(), false);
  }

  /** The number of the revision that is there, 0 for none. */
  long head() {
    String head = copy.get(HEAD);
    try {
      return head == null ? 0 : Long.parseLong(head);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The revision that is there, as it travels. */
  Optional<String> text() {
    return Optional.ofNullable(copy.get(TEXT));
  }

  /** Puts a revision there. */
  void put(long revision, String text) {
    copy.set(TEXT, text);
    copy.set(HEAD, Long.toString(revision));
  }

  /** Says what this router serves. */
  void say(RouterStatus status) {
    try {
      String text = JSON.writeValueAsString(status);
      routers.set(status.router(), text, KEPT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the region's routers say. */
  List<RouterStatus> routers() {
    List<RouterStatus> found = new ArrayList<>();
    for (String text : routers.values()) {
      try {
        found.add(JSON.readValue(text, RouterStatus.class));
      } catch (JsonProcessingException e) {
        log.warn("Skipped what a router says of its policies: {}", e.toString());
      }
    }
    return found;
  }
}
