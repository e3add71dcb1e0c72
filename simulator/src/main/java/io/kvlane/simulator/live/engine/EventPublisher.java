package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.CacheEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * Publishes cache events over ZeroMQ as vLLM does: a PUB socket with the frames topic, sequence (8
 * bytes big-endian, from 0), payload; and a ROUTER that answers a start sequence with the batches
 * since, from a ring of the last 10,000 batches or 256 MiB. One thread of its own encodes, sends
 * and replays, the latter between batches.
 */
final class EventPublisher implements AutoCloseable {
  private static final int RING_BATCHES = 10_000;
  private static final long RING_BYTES = 256L << 20;
  private static final byte[] EMPTY = {};
  private static final byte[] END = {-1, -1, -1, -1, -1, -1, -1, -1};
  private static final int REPLAY_POLL_MILLIS = 10;

  /** A connection that gets stuck while it is made is given up; the client makes another. */
  private static final int HANDSHAKE_MILLIS = 2_000;

  private final InstantSource clock;
  private final EventCodec codec;
  private final Faults faults;
  private final byte[] topic;
  private final ZContext context = new ZContext();
  private final ZMQ.Socket publisher;
  private final ZMQ.@Nullable Socket router;
  private final BlockingQueue<Batch> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final Thread thread;

  // Owned by the thread.
  private final Deque<Kept> ring = new ArrayDeque<>();
  private long ringBytes;
  private long sequence;

  private record Batch(double seconds, List<CacheEvent> events) {}

  private record Kept(long sequence, byte[] payload) {}

  EventPublisher(EventOptions options, List<String> loras, InstantSource clock, Faults faults) {
    this.clock = clock;
    this.codec = new EventCodec(options.format(), loras);
    this.faults = faults;
    this.topic = options.topic().getBytes(ZMQ.CHARSET);
    try {
      publisher = bind(SocketType.PUB, options.endpoint());
      String replay = options.replayEndpoint();
      router = replay == null ? null : bind(SocketType.ROUTER, replay);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
    thread = Thread.ofPlatform().name("kv-events").daemon().start(this::run);
  }

  private ZMQ.Socket bind(SocketType type, String endpoint) {
    ZMQ.Socket socket = context.createSocket(type);
    socket.setLinger(0);
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    socket.setHWM(type == SocketType.PUB ? 100_000 : 0);
    if (!socket.bind(endpoint.endsWith(":0") ? endpoint.replaceAll(":0$", ":*") : endpoint)) {
      throw new IllegalArgumentException(endpoint + ": cannot bind");
    }
    return socket;
  }

  /** Where events are published. */
  String endpoint() {
    return publisher.getLastEndpoint();
  }

  /** Where replay requests are answered, null for nowhere. */
  @Nullable String replayEndpoint() {
    return router == null ? null : router.getLastEndpoint();
  }

  /** Batches sent so far. */
  int sent() {
    return sent.get();
  }

  /** Queues a batch for sending; never blocks. */
  void publish(List<CacheEvent> events) {
    Instant now = clock.instant();
    queue.add(new Batch(now.getEpochSecond() + now.getNano() / 1e9, events));
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Batch batch = queue.poll(REPLAY_POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (batch != null) {
          send(batch);
        }
        if (router != null) {
          answer(router);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(Batch batch) {
    byte[] payload = codec.encode(batch.seconds(), batch.events());
    long number = sequence++;
    if (faults.takeDroppedBatch()) {
      return;
    }
    ring.add(new Kept(number, payload));
    ringBytes += payload.length;
    while (ring.size() > RING_BATCHES || (ringBytes > RING_BYTES && ring.size() > 1)) {
      ringBytes -= ring.remove().payload().length;
    }
    publisher.sendMore(topic);
    publisher.sendMore(bytes(number));
    publisher.send(payload);
    sent.incrementAndGet();
  }

  /** Answers all waiting replay requests; whatever is not {@code "" | 8 bytes} is ignored. */
  private void answer(ZMQ.Socket socket) {
    byte[] client = socket.recv(ZMQ.DONTWAIT);
    while (client != null) {
      Deque<byte[]> frames = new ArrayDeque<>();
      while (socket.hasReceiveMore()) {
        frames.add(socket.recv());
      }
      byte[] start = frames.peekLast();
      if (frames.size() == 2
          && start != null
          && start.length == Long.BYTES
          && !faults.silentReplay()) {
        replay(socket, client, ByteBuffer.wrap(start).getLong());
      }
      client = socket.recv(ZMQ.DONTWAIT);
    }
  }

  private void replay(ZMQ.Socket socket, byte[] client, long start) {
    for (Kept kept : ring) {
      if (kept.sequence() >= start) {
        reply(socket, client, topic, bytes(kept.sequence()), kept.payload());
      }
    }
    reply(socket, client, EMPTY, END, EMPTY);
  }

  private static void reply(
      ZMQ.Socket socket, byte[] client, byte[] topic, byte[] number, byte[] payload) {
    socket.sendMore(client);
    socket.sendMore(EMPTY);
    socket.sendMore(topic);
    socket.sendMore(number);
    socket.send(payload);
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    context.close();
  }
}
