package io.kvlane.simulator.live.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DelayProxyTest {
  private static final int READ_TIMEOUT_MILLIS = 10_000;
  private static final Distance NEAR = Distance.ofMillis(0);

  private final List<Socket> sockets = new ArrayList<>();
  private Vertx vertx;
  private ServerSocket target;
  private DelayProxy proxy;

  @BeforeEach
  void start() throws IOException {
    vertx = Vertx.vertx();
    target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = proxyTo(target.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    target.close();
    vertx.close().await();
  }

  @Test
  void bytes_takeARoundTrip() throws IOException {
    proxy.distance(Distance.ofMillis(60));
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "handshake");

    long started = System.nanoTime();
    exchange(client, server, "there");
    exchange(server, client, "back!");

    // Timers may fire half a millisecond early in each direction.
    assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(59_000_000);
  }

  @Test
  void firstBytes_takeARoundTripMore() throws IOException {
    proxy.distance(Distance.ofMillis(60));
    long started = System.nanoTime();

    exchange(connect(), accept(), "hello");

    assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(89_000_000);
  }

  @Test
  void distance_changed_appliesToOpenConnections() throws IOException {
    proxy.distance(Distance.ofMillis(200));
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "far");
    proxy.distance(NEAR);

    long started = System.nanoTime();
    exchange(client, server, "near");

    assertThat(System.nanoTime() - started).isLessThan(100_000_000);
  }

  @Test
  void jitter_keepsTheOrder() throws IOException {
    proxy.distance(new Distance(Duration.ofMillis(2), Duration.ofMillis(20)));
    Socket client = connect();
    Socket server = accept();
    String sent = IntStream.range(0, 500).mapToObj(i -> i + ";").collect(Collectors.joining());

    for (String number : sent.split("(?<=;)")) {
      send(client, number);
    }

    assertThat(receive(server, sent.length())).isEqualTo(sent);
  }

  @Test
  void end_ofEitherSide_reachesTheOtherAfterItsBytes() throws IOException {
    proxy.distance(Distance.ofMillis(20));
    Socket client = connect();
    Socket server = accept();
    send(client, "bye");
    client.close();

    assertThat(receive(server, 3)).isEqualTo("bye");
    assertThat(server.getInputStream().read()).isEqualTo(-1);

    Socket second = connect();
    Socket secondServer = accept();
    send(secondServer, "bye");
    secondServer.close();

    assertThat(receive(second, 3)).isEqualTo("bye");
    assertThat(second.getInputStream().read()).isEqualTo(-1);
    await().until(() -> proxy.counts().open() == 0);
  }

  @Test
  void cut_losesBytesOfBothDirections_untilUpResetsTheConnection() throws IOException {
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "before");
    proxy.state(LinkState.CUT).await();

    send(client, "lost");
    send(server, "gone!");
    await().until(() -> proxy.counts().forwardLost() == 4 && proxy.counts().backwardLost() == 5);
    assertThat(proxy.counts().open()).isEqualTo(1);
    proxy.state(LinkState.UP).await();

    assertReset(client);
    assertReset(server);
    exchange(connect(), accept(), "after");
    assertThat(proxy.counts())
        .isEqualTo(new LinkCounts(2, 1, "before".length() + "after".length(), 0, 4, 5));
  }

  @Test
  void cut_losesWhatIsUnderWay() throws IOException {
    proxy.distance(Distance.ofMillis(60_000));
    Socket client = connect();
    send(client, "far");
    await().until(() -> proxy.counts().connections() == 1);

    proxy.state(LinkState.CUT).await();

    await().until(() -> proxy.counts().forwardLost() == 3);
  }

  @Test
  void forwardCut_stillDeliversBackward() throws IOException {
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "before");
    proxy.state(LinkState.FORWARD_CUT).await();

    send(client, "lost");
    exchange(server, client, "heard");

    await().until(() -> proxy.counts().forwardLost() == 4);
  }

  @Test
  void backwardCut_stillDeliversForward() throws IOException {
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "before");
    proxy.state(LinkState.BACKWARD_CUT).await();

    exchange(client, server, "heard");
    send(server, "lost");

    await().until(() -> proxy.counts().backwardLost() == 4);
  }

  @Test
  void newConnection_duringCut_getsNowhere() throws IOException {
    proxy.state(LinkState.BACKWARD_CUT).await();
    Socket client = connect();
    send(client, "lost");
    await().until(() -> proxy.counts().forwardLost() == 4);

    target.setSoTimeout(50);
    assertThatThrownBy(target::accept).isInstanceOf(IOException.class);
    target.setSoTimeout(0);
    proxy.state(LinkState.UP).await();

    assertReset(client);
  }

  @Test
  void newConnection_closedDuringCut_isForgotten() throws IOException {
    proxy.state(LinkState.CUT).await();
    connect().close();

    await().until(() -> proxy.counts().connections() == 1 && proxy.counts().open() == 0);
  }

  @Test
  void down_resetsAndRefuses_untilUpAtTheSamePort() throws IOException {
    Socket client = connect();
    Socket server = accept();
    exchange(client, server, "before");

    proxy.state(LinkState.DOWN).await();

    assertReset(client);
    assertReset(server);
    // The JDK closes a listener when its selector next turns, just after the close.
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> connect().close()).isInstanceOf(ConnectException.class));
    proxy.state(LinkState.UP).await();
    exchange(connect(), accept(), "after");
  }

  @Test
  void targetThatRefuses_resetsTheClient() throws IOException {
    target.close();

    assertReset(connect());
  }

  @Test
  void targetThatDoesNotRead_holdsUpTheSource_andLosesNothing() throws IOException {
    ByteBuffer part = ByteBuffer.allocate(64 << 10);
    try (SocketChannel client =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))) {
      Socket server = accept();
      client.configureBlocking(false);
      long[] written = new long[1];

      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(20))
          .until(() -> writeAll(client, part, written) == 0);

      // What kernels buffer is at most 6 MiB a socket by default.
      assertThat(written[0]).isGreaterThan(DelayLine.MOST_BYTES).isLessThan(40L << 20);
      client.shutdownOutput();
      assertThat(server.getInputStream().readAllBytes()).hasSize((int) written[0]);
    }
  }

  @Test
  void start_portTaken_saysWhich() {
    assertThatThrownBy(
            () ->
                DelayProxy.start(
                        vertx,
                        target.getLocalPort(),
                        SocketAddress.inetSocketAddress(1, "127.0.0.1"),
                        NEAR,
                        1)
                    .await())
        .hasMessageContaining("127.0.0.1:" + target.getLocalPort());
  }

  @Test
  void close_freesThePort() throws IOException {
    int port = proxy.port();

    proxy.close().await();

    // The JDK gives a listener's port back when its selector next turns, just after the close.
    await()
        .ignoreExceptionsInstanceOf(BindException.class)
        .untilAsserted(() -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close());
  }

  private DelayProxy proxyTo(int port) {
    SocketAddress address = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    return DelayProxy.start(vertx, 0, address, NEAR, 1).await();
  }

  private Socket connect() throws IOException {
    return kept(new Socket(InetAddress.getLoopbackAddress(), proxy.port()));
  }

  private Socket accept() throws IOException {
    return kept(target.accept());
  }

  private Socket kept(Socket socket) throws SocketException {
    sockets.add(socket);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    return socket;
  }

  private static void send(Socket from, String text) throws IOException {
    from.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String receive(Socket at, int bytes) throws IOException {
    return new String(at.getInputStream().readNBytes(bytes), US_ASCII);
  }

  private static void exchange(Socket from, Socket to, String text) throws IOException {
    send(from, text);
    assertThat(receive(to, text.length())).isEqualTo(text);
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  /** Writes until the channel takes no more, at most 64 MiB in all. */
  private static long writeAll(SocketChannel channel, ByteBuffer part, long[] written)
      throws IOException {
    long before = written[0];
    while (written[0] < 64 << 20) {
      int bytes = channel.write(part.rewind());
      if (bytes == 0) {
        break;
      }
      written[0] += bytes;
    }
    return written[0] - before;
  }
}
