package io.kvlane.router.region;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One address of another region's routers, and how it fares: asked five times a second, without
 * waiting for earlier answers, so that the last answer's age alone tells whether it can be reached,
 * whichever way the network failed. Changed on one event loop, read by any thread.
 */
final class Peer {
  private static final Logger log = LoggerFactory.getLogger(Peer.class);
  static final long PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** How often an address that does not answer is asked. */
  private static final long PROBE_LOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * Seven probes in a row that were not answered, or a connection that stands still. Less takes a
   * busy machine for a lost one, more leaves too little of two seconds.
   */
  private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_400);

  /** The same of a connection that has not brought an answer yet. */
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** A link this slow is of no use; it counts as lost. */
  private static final double MAX_ROUND_TRIP_MS = 2_000;

  /** Weight of a probe in the smoothed round trip, as TCP's (RFC 6298). */
  private static final double WEIGHT = 1.0 / 8;

  private static final int MAX_OUTSTANDING = 16;
  private static final int MAX_STATE_BYTES = 1 << 20;

  private final String region;
  private final HostAndPort address;
  private volatile @Nullable RegionState state;
  private volatile long answeredAt;
  private volatile double roundTripMs = -1;
  private volatile boolean suspect;
  private final AtomicInteger timesGivenUp = new AtomicInteger();
  private int outstanding;
  private long askedAt;
  private boolean asked;

  /** When it last answered, or was given up. */
  private long patientSince;

  private boolean givenUp = true;
  private String complaint = "";

  Peer(String region, HostAndPort address) {
    this.region = region;
    this.address = address;
  }

  String region() {
    return region;
  }

  HostAndPort address() {
    return address;
  }

  /** What it last said; null before its first answer. */
  @Nullable RegionState state() {
    return state;
  }

  /** Smoothed; below 0 before the first answer. */
  double roundTripMs() {
    return roundTripMs;
  }

  /** When it last answered, by the monotonic clock. */
  long answeredAt() {
    return answeredAt;
  }

  /** Whether it answers. */
  boolean heard(long now) {
    return state != null && now - answeredAt < SILENT_NANOS && roundTripMs < MAX_ROUND_TRIP_MS;
  }

  /** Whether it answers, and no request to it has failed since it last did. */
  boolean answers(long now) {
    return !suspect && heard(now);
  }

  /** Whether it has been silent for so long that its connections have to be made anew. */
  boolean givesUp(long now) {
    if (!asked || now - patientSince < (givenUp ? STUCK_NANOS : SILENT_NANOS)) {
      return false;
    }
    givenUp = true;
    patientSince = now;
    timesGivenUp.incrementAndGet();
    return true;
  }

  /** How often it has fallen silent. */
  int timesGivenUp() {
    return timesGivenUp.get();
  }

  /** A request to it failed: not to be used until its next answer. */
  void suspect() {
    suspect = true;
  }

  /** Asks it, if it is time to. */
  void probe(HttpClient client, long now) {
    boolean lost = asked && now - answeredAt > SILENT_NANOS;
    if (asked && now - askedAt < (lost ? PROBE_LOST_NANOS : PROBE_NANOS)) {
      return;
    }
    if (outstanding >= MAX_OUTSTANDING) {
      return;
    }
    if (!asked) {
      asked = true;
      patientSince = now;
    }
    askedAt = now;
    outstanding++;
    client
        .request(HttpMethod.GET, address.port(), address.host(), Regions.STATE_PATH)
        .compose(
            request -> {
              long sent = System.nanoTime(); // making a connection is no part of the round trip
              return request
                  .send()
                  .compose(
                      response ->
                          response
                              .body()
                              .onSuccess(body -> heard(response.statusCode(), body, sent)));
            })
        .onFailure(this::complain)
        .onComplete(done -> outstanding--);
  }

  /** Says once what stands in the way. */
  private void complain(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (!complaint.equals(root.toString())) {
      complaint = root.toString();
      log.warn("{} does not answer: {}", this, complaint);
    }
  }

  private void heard(int status, Buffer body, long sentAt) {
    if (status != 200 || body.length() > MAX_STATE_BYTES) {
      return;
    }
    RegionState said;
    try {
      said = RegionState.read(body.getBytes());
    } catch (IOException e) {
      complain(e); // another version, perhaps: no answer in time, then
      return;
    }
    if (!region.equals(said.region())) {
      complain(new IOException("it says that it is of region " + said.region()));
      return;
    }
    long now = System.nanoTime();
    double millis = (now - sentAt) / 1e6;
    roundTripMs =
        roundTripMs < 0 || suspect ? millis : roundTripMs + WEIGHT * (millis - roundTripMs);
    state = said;
    answeredAt = now;
    suspect = false;
    givenUp = false;
    patientSince = now;
    complaint = "";
  }

  @Override
  public String toString() {
    return region + '@' + address;
  }
}
