package io.kvlane.agent.source;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * An engine's two sockets: PUB, and a ROUTER that {@link #answer} serves. Sequences and payloads
 * are up to the test. Not thread-safe.
 */
public final class FakePublisher implements AutoCloseable {
  private static final byte[] EMPTY = {};

  /** How a reply's frames lie at a DEALER. */
  public enum Framing {
    /** vLLM 0.9 to 0.25, SGLang to 0.5.21. */
    NO_TOPIC,
    /** vLLM 0.26, SGLang 0.5.22 and later. */
    TOPIC,
    /** Later builds of llm-d-inference-sim. */
    NO_DELIMITER
  }

  private final ZContext context = new ZContext();
  private final ZMQ.Socket publisher = context.createSocket(SocketType.PUB);
  private final ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
  private final TreeMap<Long, byte[]> ring = new TreeMap<>();
  private final String topic;

  /** Binds both; an endpoint that ends in {@code :*} takes any port. */
  public FakePublisher(String topic, String events, String replay) {
    this.topic = topic;
    publisher.setLinger(0);
    router.setLinger(0);
    publisher.setHandshakeIvl(2_000);
    router.setHandshakeIvl(2_000);
    publisher.bind(events);
    router.bind(replay);
  }

  public FakePublisher() {
    this("kv", "tcp://127.0.0.1:*", "tcp://127.0.0.1:*");
  }

  public String events() {
    return publisher.getLastEndpoint();
  }

  public String replay() {
    return router.getLastEndpoint();
  }

  /** The other mode: the engine connects to whoever listens. */
  public void connect(String endpoint) {
    publisher.connect(endpoint);
  }

  /** Sends, and keeps for replays. */
  public void publish(long sequence, byte[] payload) {
    keep(sequence, payload);
    send(topic, sequence, payload);
  }

  /** Keeps for replays what no subscriber got. */
  public void keep(long sequence, byte[] payload) {
    ring.put(sequence, payload);
  }

  public void send(String otherTopic, long sequence, byte[] payload) {
    publisher.sendMore(otherTopic);
    publisher.sendMore(number(sequence));
    publisher.send(payload);
  }

  /**
   * Answers a replay request if one has arrived.
   *
   * @param end whether the end marker follows
   * @return the sequence that was asked for, as a list of at most one
   */
  public List<Long> answer(Framing framing, boolean end) {
    byte[] client = router.recv(ZMQ.DONTWAIT);
    if (client == null) {
      return List.of();
    }
    List<byte[]> frames = new ArrayList<>();
    while (router.hasReceiveMore()) {
      frames.add(router.recv());
    }
    if (frames.size() != 2 || frames.getFirst().length != 0) {
      throw new AssertionError("a request of " + frames.size() + " frames");
    }
    long from = ByteBuffer.wrap(frames.getLast()).getLong();
    ring.tailMap(from).forEach((sequence, payload) -> reply(framing, client, sequence, payload));
    if (end) {
      reply(framing == Framing.NO_DELIMITER ? Framing.NO_TOPIC : framing, client, -1, EMPTY);
    }
    return List.of(from);
  }

  private void reply(Framing framing, byte[] client, long sequence, byte[] payload) {
    router.sendMore(client);
    if (framing != Framing.NO_DELIMITER) {
      router.sendMore(EMPTY);
    }
    if (framing != Framing.NO_TOPIC) {
      router.sendMore(sequence < 0 ? "" : topic);
    }
    router.sendMore(number(sequence));
    router.send(payload);
  }

  private static byte[] number(long sequence) {
    return ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
  }

  @Override
  public void close() {
    context.close();
  }
}
