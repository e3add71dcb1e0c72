package io.kvlane.agent.source;

import static java.util.Objects.requireNonNull;

import io.kvlane.agent.event.EventMessage;
import io.kvlane.agent.event.Problem;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * One publisher's stream in the order in which it is to be applied: subscription, replays and
 * {@link Follower} together. Used by one thread.
 */
public final class EventFeed implements AutoCloseable {

  /**
   * Where the stream comes from.
   *
   * @param events the publisher's endpoint
   * @param bind whether the engine connects to us
   * @param replay the replay socket's endpoint; null if there is none
   * @param topic the only topic to listen to; null for all
   */
  public record Settings(
      String events, boolean bind, @Nullable String replay, @Nullable String topic) {}

  /** Who applies the stream. */
  public interface Sink {
    void apply(EventMessage message);

    void newEpoch(Follower.Cause cause);

    /** A replay was asked for. */
    void replay(long from);
  }

  private static final Pattern ENDPOINT =
      Pattern.compile("tcp://([^\\s:]+|\\[\\S+]|::):(\\d{1,5}|\\*)|(ipc|inproc)://\\S+");

  /** Messages taken in one go, so that a busy engine does not starve the rest of the loop. */
  private static final int BURST = 256;

  /** A request without any answer for this long is sent again, until the follower gives up. */
  private static final long REPEAT_NANOS = 400_000_000L;

  private final ZContext context = new ZContext(1);
  private final Settings settings;
  private final Sink sink;
  private final Consumer<Problem> problems;
  private final LongSupplier nanos;
  private final ZMQ.Poller poller;
  private final EventSource source;
  private final Follower follower;
  private @Nullable ReplayClient replay;
  private boolean started;
  private int seenConnects;
  private int seenDisconnects;
  private boolean connected;
  private long requestedFrom;
  private long requestedAt;
  private boolean answered;

  /**
   * Subscribes at once; messages wait in the socket until {@link #start}.
   *
   * @throws IllegalArgumentException if an endpoint cannot be used
   */
  public EventFeed(
      Settings settings,
      Follower.Limits limits,
      Sink sink,
      Consumer<Problem> problems,
      LongSupplier nanos) {
    this.settings = settings;
    this.sink = sink;
    this.problems = problems;
    this.nanos = nanos;
    this.follower = new Follower(limits);
    try {
      source =
          new EventSource(context, settings.events(), settings.bind(), settings.topic(), problems);
    } catch (IllegalArgumentException e) {
      context.close();
      throw e;
    }
    this.poller = context.createPoller(2);
  }

  /** Whether {@code value} looks like {@code tcp://HOST:PORT}, {@code ipc://...}, or in-process. */
  public static boolean isEndpoint(String value) {
    return ENDPOINT.matcher(value).matches();
  }

  /** Begins to apply: what can be replayed, then what arrives. */
  public void start() {
    started = true;
    poller.register(source.socket(), ZMQ.Poller.POLLIN);
    seenDisconnects = source.disconnects();
    seenConnects = source.connects();
    connected = seenConnects > seenDisconnects;
    run(follower.start(nanos.getAsLong()));
  }

  /** Begins anew with what can be replayed. What was applied is the caller's to make void. */
  public void restart() {
    if (started) {
      run(follower.forget());
      run(follower.start(nanos.getAsLong()));
    }
  }

  /** Takes the next message for a beginning. What was applied is the caller's to make void. */
  public void forget() {
    run(follower.forget());
  }

  /** Waits up to {@code millis} for something to arrive, then applies what is there. */
  public void poll(long millis) {
    poller.poll(millis);
    if (!started) {
      return;
    }
    watchConnection();
    drainReplay();
    repeatRequest();
    for (int i = 0; i < BURST; i++) {
      Optional<EventMessage> message = source.poll();
      if (message.isEmpty()) {
        break;
      }
      run(follower.live(message.get(), nanos.getAsLong()));
    }
    run(follower.tick(nanos.getAsLong()));
  }

  /** A lost connection may hide a restart: the old entries go now, the rest on return. */
  private void watchConnection() {
    int lost = source.disconnects();
    int made = source.connects();
    if (lost != seenDisconnects) {
      // What still waits was said by an engine that may be dead; a replay would bring it again.
      source.discard();
      run(follower.distrust(Follower.Cause.DISCONNECTED));
    }
    if (made != seenConnects) {
      if (connected && lost == seenDisconnects) {
        run(follower.distrust(Follower.Cause.DISCONNECTED));
      }
      // Also for the first connection: what was said before it is only in the replay.
      run(follower.start(nanos.getAsLong()));
    }
    connected = made != seenConnects || (connected && lost == seenDisconnects);
    seenDisconnects = lost;
    seenConnects = made;
  }

  private void drainReplay() {
    for (int i = 0; i < BURST && replay != null; i++) {
      Optional<EventMessage> reply = replay.poll();
      if (reply.isEmpty()) {
        break;
      }
      answered = true;
      if (reply.get().isEnd()) {
        stopReplay();
      }
      run(follower.reply(reply.get(), nanos.getAsLong()));
    }
  }

  private void run(List<Follower.Step> steps) {
    for (Follower.Step step : steps) {
      switch (step) {
        case Follower.Apply apply -> sink.apply(apply.message());
        case Follower.NewEpoch epoch -> sink.newEpoch(epoch.cause());
        case Follower.Replay request -> ask(request.from());
        case Follower.StopReplay _ -> stopReplay();
      }
    }
  }

  private void ask(long from) {
    if (settings.replay() != null) {
      sink.replay(from);
      request(from);
    }
  }

  /**
   * Sockets drop a request without a word, for instance while the other side is being bound. A new
   * socket keeps late answers to the first request from mixing with those to the second.
   */
  private void repeatRequest() {
    if (replay != null && !answered && nanos.getAsLong() - requestedAt > REPEAT_NANOS) {
      request(requestedFrom);
    }
  }

  private void request(long from) {
    stopReplay();
    requestedFrom = from;
    requestedAt = nanos.getAsLong();
    answered = false;
    try {
      ReplayClient client =
          new ReplayClient(context, requireNonNull(settings.replay()), from, problems);
      poller.register(client.socket(), ZMQ.Poller.POLLIN);
      replay = client;
    } catch (IllegalArgumentException e) {
      // A name that cannot be resolved now: no answer in time, as from a silent socket.
      problems.accept(new Problem(Problem.Reason.NO_REPLAY, String.valueOf(e.getMessage())));
    }
  }

  private void stopReplay() {
    if (replay != null) {
      poller.unregister(replay.socket());
      replay.close();
      replay = null;
    }
  }

  /** The address that was bound; for port 0. */
  public String boundEndpoint() {
    return source.boundEndpoint();
  }

  @Override
  public void close() {
    poller.close();
    context.close();
  }
}
