package io.kvlane.router.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * An engine that costs as little as possible, so that a benchmark on few cores sees the proxies. It
 * speaks HTTP/1.1 over plain sockets because the shape of its writes is what is measured: a burst
 * is many HTTP chunks in one write, a paced stream one chunk a write.
 *
 * <p>Writes its port to a file and runs until it is killed.
 */
@Command(name = "mock-upstream", description = "A light engine for the relay benchmark.")
public final class MockUpstream implements Callable<Integer> {
  @Option(names = "--port", defaultValue = "0", description = "Port on 127.0.0.1; 0 for any.")
  private int port;

  @Option(names = "--port-file", required = true, description = "File to write the port to.")
  private Path portFile = Path.of("");

  public static void main(String[] args) {
    int status = new CommandLine(new MockUpstream()).execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  @Override
  public Integer call() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    // Written under another name first: whoever waits for the file finds it whole.
    Path draft = Path.of(portFile + ".draft");
    Files.writeString(draft, Integer.toString(start(vertx, port)));
    Files.move(draft, portFile, StandardCopyOption.ATOMIC_MOVE);
    return 0;
  }

  /**
   * Starts the engine on 127.0.0.1.
   *
   * @return the port it listens on
   */
  static int start(Vertx vertx, int port) throws Exception {
    NetServer server =
        vertx.createNetServer(
            new NetServerOptions().setHost("127.0.0.1").setPort(port).setTcpNoDelay(true));
    return server
        .connectHandler(socket -> socket.handler(new MockConnection(vertx, socket)))
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }
}
