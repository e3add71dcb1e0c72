package io.kvlane.router.routing;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.ringbuffer.OverflowPolicy;
import com.hazelcast.ringbuffer.Ringbuffer;
import com.hazelcast.topic.ITopic;
import io.kvlane.locality.decision.ReplicaLoad;
import io.kvlane.locality.log.LoadReport;
import io.kvlane.locality.log.LocalityLog;
import io.kvlane.locality.log.LogFormatException;
import io.kvlane.locality.log.RoutedFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the region's other routers what this one has in flight and what it sent where, and listens
 * to them. Neither was promised to anybody: what cannot be sent is dropped.
 */
final class RegionShare implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegionShare.class);
  private static final long IDLE_LOAD_MILLIS = 250;
  private static final long ROUTED_MILLIS = 2;

  /** A router that has not reported for this long has nothing in flight. */
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_PENDING = 4_096;
  private static final int MAX_FRAME_KEYS = 8_192;
  private static final int MAX_OUTSTANDING = 64;

  private record Heard(LoadReport report, long at) {}

  private final HazelcastInstance hazelcast;
  private final String router;
  private final Fleet fleet;
  private final ITopic<byte[]> topic;
  private final Ringbuffer<byte[]> ring;
  private final Map<String, Heard> others = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<RoutedFrame.Routed> pending = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pendingCount = new AtomicInteger();
  private final Semaphore outstanding = new Semaphore(MAX_OUTSTANDING);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("kvlane-share").factory());
  private LoadReport lastReport = new LoadReport("", List.of());
  private long lastReportAt;
  private volatile int routers = 1;
  private volatile boolean closed;

  RegionShare(HazelcastInstance hazelcast, String router, Fleet fleet) {
    this.hazelcast = hazelcast;
    this.router = router;
    this.fleet = fleet;
    this.topic = hazelcast.getTopic(LocalityLog.LOAD);
    this.ring = hazelcast.getRingbuffer(LocalityLog.ROUTED);
  }

  void start() {
    var _ = topic.addMessageListener(message -> heard(message.getMessageObject()));
    var _ =
        timer.scheduleWithFixedDelay(
            () -> guarded(this::report),
            ReplicaLoad.TOLD_MS,
            ReplicaLoad.TOLD_MS,
            TimeUnit.MILLISECONDS);
  }

  /** A periodic task must not throw, or it would never run again. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!closed) {
        log.warn("Could not tell the region: {}", e.toString());
      }
    }
  }

  /** A request goes to a replica. Any thread. */
  void routed(RoutedFrame.Routed request) {
    if (closed || pendingCount.get() >= MAX_PENDING) {
      return;
    }
    pending.add(request);
    if (pendingCount.getAndIncrement() == 0) {
      // The first of a batch; what comes within the next moment travels with it.
      var _ = timer.schedule(() -> guarded(this::flush), ROUTED_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void flush() {
    while (!pending.isEmpty() && outstanding.tryAcquire()) {
      List<RoutedFrame.Routed> requests = new ArrayList<>();
      int keys = 0;
      for (RoutedFrame.Routed next = pending.poll(); next != null; next = pending.poll()) {
        pendingCount.decrementAndGet();
        requests.add(next);
        keys += next.chain().length;
        if (keys >= MAX_FRAME_KEYS) {
          break;
        }
      }
      byte[] frame = new RoutedFrame(router, System.currentTimeMillis(), requests).encode();
      var _ =
          ring.addAsync(frame, OverflowPolicy.OVERWRITE)
              .whenComplete(
                  (sequence, error) -> {
                    outstanding.release();
                    if (error != null && !closed) {
                      log.warn("Routed requests were not shared: {}", error.toString());
                    }
                    if (!closed && !pending.isEmpty()) {
                      timer.execute(() -> guarded(this::flush));
                    }
                  });
    }
  }

  private void report() {
    List<LoadReport.Load> loads = new ArrayList<>();
    for (Replica replica : fleet.all()) {
      ReplicaLoad load = replica.load();
      int requests = load.requests();
      replica.told(requests);
      if (requests > 0) {
        loads.add(
            new LoadReport.Load(replica.id(), requests, load.unanswered(), load.waitingTokens()));
      }
    }
    LoadReport report = new LoadReport(router, loads);
    long now = System.nanoTime();
    boolean stale = now - lastReportAt > TimeUnit.MILLISECONDS.toNanos(IDLE_LOAD_MILLIS);
    if (stale || !report.equals(lastReport)) {
      topic.publish(report.encode());
      lastReport = report;
      lastReportAt = now;
    }
    if (others.values().removeIf(heard -> now - heard.at > SILENT_NANOS)) {
      tell();
    }
    routers = Math.max(others.size() + 1, hazelcast.getCluster().getMembers().size());
  }

  /** Routers of the region, this one included, as far as it knows. */
  int routers() {
    return routers;
  }

  private void heard(byte[] bytes) {
    try {
      LoadReport report = LoadReport.decode(bytes);
      if (!report.router().equals(router)) {
        others.put(report.router(), new Heard(report, System.nanoTime()));
        tell();
      }
    } catch (LogFormatException e) {
      log.warn("Skipped a load report: {}", e.getMessage());
    }
  }

  private void tell() {
    long first = System.nanoTime();
    List<LoadReport> reports = new ArrayList<>();
    for (Heard heard : others.values()) {
      reports.add(heard.report);
      first = heard.at - first < 0 ? heard.at : first;
    }
    fleet.others(reports, first);
  }

  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
  }
}
