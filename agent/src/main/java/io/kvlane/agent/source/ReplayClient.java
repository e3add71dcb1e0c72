package io.kvlane.agent.source;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.MalformedException;
import io.kvlane.agent.event.Problem;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQ.Socket;

/**
 * One request for past messages, and its answer. A socket of its own per request: late answers to
 * an abandoned request reach nobody. Keeps no deadline; {@link Follower} does. Used by one thread.
 */
public final class ReplayClient implements AutoCloseable {
  private static final int HIGH_WATER_MARK = 20_000;

  private final Socket socket;
  private final Consumer<Problem> problems;

  /**
   * Asks for all messages from {@code from} on.
   *
   * @param endpoint the engine's replay socket
   * @param problems told of answers that are no messages
   * @throws IllegalArgumentException if the endpoint cannot be used
   */
  public ReplayClient(ZContext context, String endpoint, long from, Consumer<Problem> problems) {
    this.problems = problems;
    socket = context.createSocket(SocketType.DEALER);
    socket.setLinger(0);
    socket.setRcvHWM(HIGH_WATER_MARK);
    socket.setMaxMsgSize(EventSource.MAX_MESSAGE_BYTES);
    EventSource.open(socket, endpoint, false);
    // The engine's ROUTER answers exactly this: an empty frame, then the sequence.
    socket.send(new byte[0], ZMQ.SNDMORE | ZMQ.DONTWAIT);
    socket.send(ByteBuffer.allocate(Long.BYTES).putLong(from).array(), ZMQ.DONTWAIT);
  }

  Socket socket() {
    return socket;
  }

  /** The next answer that has arrived, the end marker included. Does not wait. */
  public Optional<EventMessage> poll() {
    List<byte[]> frames = EventSource.receive(socket);
    while (!frames.isEmpty()) {
      try {
        return Optional.of(EventMessage.of(frames));
      } catch (MalformedException e) {
        problems.accept(new Problem(Problem.Reason.MALFORMED_MESSAGE, "replay: " + e.getMessage()));
      }
      frames = EventSource.receive(socket);
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    socket.close();
  }
}
