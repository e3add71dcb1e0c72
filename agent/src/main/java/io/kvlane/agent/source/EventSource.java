package io.kvlane.agent.source;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.MalformedException;
import io.kvlane.agent.event.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQ.Socket;
import org.zeromq.ZMQException;
import org.zeromq.ZMonitor;

/**
 * The subscription to an engine's event stream. Subscribes to all and compares topics itself: the
 * protocol's own filter compares only their beginnings. Used by one thread.
 */
public final class EventSource implements AutoCloseable {
  /**
   * A connection whose ZMTP handshake does not end is given up and made anew. Seldom, both sides
   * wait for each other; the library's own limit is half a minute.
   */
  private static final int HANDSHAKE_MILLIS = 2_000;

  /** No engine writes a batch near this size; a peer that does is cut off. */
  static final long MAX_MESSAGE_BYTES = 64L << 20;

  private static final int HIGH_WATER_MARK = 20_000;
  private static final int RECONNECT_MILLIS = 100;
  private static final int RECONNECT_MAX_MILLIS = 1_000;

  private final Socket socket;
  private final @Nullable String topic;
  private final Consumer<Problem> problems;
  private final AtomicInteger disconnects = new AtomicInteger();
  private final AtomicInteger connects = new AtomicInteger();

  /**
   * Subscribes.
   *
   * @param endpoint such as {@code tcp://127.0.0.1:5557}
   * @param bind whether the engine connects to us
   * @param topic the only topic to listen to; null for all
   * @param problems told of messages that are none
   * @throws IllegalArgumentException if the endpoint cannot be used
   */
  public EventSource(
      ZContext context,
      String endpoint,
      boolean bind,
      @Nullable String topic,
      Consumer<Problem> problems) {
    this.topic = topic;
    this.problems = problems;
    socket = context.createSocket(SocketType.SUB);
    socket.setLinger(0);
    socket.setRcvHWM(HIGH_WATER_MARK);
    socket.setMaxMsgSize(MAX_MESSAGE_BYTES);
    socket.setReconnectIVL(RECONNECT_MILLIS);
    socket.setReconnectIVLMax(RECONNECT_MAX_MILLIS);
    keepAlive(socket);
    socket.subscribe(ZMQ.SUBSCRIPTION_ALL);
    int connected = ZMQ.EVENT_CONNECTED | ZMQ.EVENT_ACCEPTED;
    socket.setEventHook(
        event ->
            (event.getEvent() == ZMonitor.Event.DISCONNECTED ? disconnects : connects)
                .incrementAndGet(),
        connected | ZMQ.EVENT_DISCONNECTED);
    open(socket, endpoint, bind);
  }

  /** A subscriber says nothing: without probes it would wait for ever for a host that is gone. */
  private static void keepAlive(Socket socket) {
    socket.setTCPKeepAlive(1);
    socket.setTCPKeepAliveIdle(5);
    socket.setTCPKeepAliveInterval(2);
    socket.setTCPKeepAliveCount(3);
  }

  static void open(Socket socket, String endpoint, boolean bind) {
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    try {
      if (!(bind ? socket.bind(endpoint) : socket.connect(endpoint))) {
        throw new IllegalArgumentException(endpoint + " cannot be used");
      }
    } catch (ZMQException | IllegalArgumentException | UnsupportedOperationException e) {
      socket.close();
      throw new IllegalArgumentException(
          endpoint
              + ": "
              + e.getMessage()
              + " (expected: an endpoint to "
              + (bind ? "bind" : "connect")
              + " such as tcp://127.0.0.1:5557)",
          e);
    }
  }

  Socket socket() {
    return socket;
  }

  /** The address that was bound; for port 0. */
  public String boundEndpoint() {
    return socket.getLastEndpoint();
  }

  /** How often a connection was lost so far. Any thread. */
  public int disconnects() {
    return disconnects.get();
  }

  /** How often a connection was made so far. Any thread. */
  public int connects() {
    return connects.get();
  }

  /** The next message that has arrived; empty if there is none. Does not wait. */
  public Optional<EventMessage> poll() {
    List<byte[]> frames = receive(socket);
    while (!frames.isEmpty()) {
      try {
        EventMessage message = EventMessage.of(frames);
        if (message.sequence() < 0) {
          report("sequence " + message.sequence());
        } else if (topic == null || topic.equals(message.topic())) {
          return Optional.of(message);
        }
      } catch (MalformedException e) {
        report(String.valueOf(e.getMessage()));
      }
      frames = receive(socket);
    }
    return Optional.empty();
  }

  /** Drops what has arrived. */
  void discard() {
    int dropped = 0;
    while (dropped < HIGH_WATER_MARK && !receive(socket).isEmpty()) {
      dropped++;
    }
  }

  private void report(String detail) {
    problems.accept(new Problem(Problem.Reason.MALFORMED_MESSAGE, detail));
  }

  /** One multipart message, or nothing. Frames beyond what a message can have are dropped. */
  static List<byte[]> receive(Socket socket) {
    List<byte[]> frames = new ArrayList<>();
    byte[] frame = socket.recv(ZMQ.DONTWAIT);
    while (frame != null) {
      if (frames.size() < 8) {
        frames.add(frame);
      }
      frame = socket.hasReceiveMore() ? socket.recv(ZMQ.DONTWAIT) : null;
    }
    return frames;
  }

  @Override
  public void close() {
    socket.close();
  }
}
