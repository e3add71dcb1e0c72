package io.kvlane.simulator.live.link;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection through a proxy. Confined to the proxy's event loop. */
final class Relay {
  private final NetSocket client;
  private final DelayLine forward;
  private final Consumer<Relay> over;
  private @Nullable NetSocket target;
  private @Nullable DelayLine backward;
  private boolean clientClosed;
  private boolean targetClosed;
  private boolean lostBackward;
  private boolean reset;

  /**
   * @param forward from the client on
   * @param over runs once, when both sides are closed
   */
  Relay(NetSocket client, DelayLine forward, Consumer<Relay> over) {
    this.client = client;
    this.forward = forward;
    this.over = over;
    client.exceptionHandler(ignored -> {}); // its end follows
    client.closeHandler(
        ignored -> {
          clientClosed = true;
          finish();
        });
  }

  /**
   * The target has accepted.
   *
   * @param backward from the target on
   */
  void connected(NetSocket target, DelayLine backward) {
    this.target = target;
    this.backward = backward;
    target.exceptionHandler(ignored -> {});
    target.closeHandler(ignored -> unreached());
    if (reset) {
      abort(target);
      return;
    }
    if (lostBackward) {
      backward.cut();
    }
    // A side's end closes both: sockets know no half-closed state.
    forward.deliverTo(target, target::end);
    backward.deliverTo(client, client::end);
  }

  /** There is no target, or no longer. */
  void unreached() {
    targetClosed = true;
    finish();
  }

  void cutForward() {
    forward.cut();
  }

  void cutBackward() {
    lostBackward = true;
    if (backward != null) {
      backward.cut();
    }
  }

  /** Ends both sides with a TCP reset. */
  void reset() {
    reset = true;
    abort(client);
    if (target != null) {
      abort(target);
    }
  }

  private void finish() {
    if (clientClosed && targetClosed) {
      over.accept(this);
    }
  }

  private static void abort(NetSocket socket) {
    ChannelHandlerContext context = ((NetSocketInternal) socket).channelHandlerContext();
    if (context.channel().isOpen()) {
      context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      var _ = context.close();
    }
  }
}
