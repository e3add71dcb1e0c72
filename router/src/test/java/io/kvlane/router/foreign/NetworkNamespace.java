package io.kvlane.router.foreign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Linux network namespace with nothing in it but a loopback interface. Processes inside reach
 * each other and nobody else, which keeps an engine that listens on every interface away from the
 * world, and lets them have fixed ports.
 *
 * <p>It lasts as long as its holder: a process that waits for the end of its standard input, so
 * that it ends with this JVM whatever happens to it.
 */
final class NetworkNamespace implements AutoCloseable {
  private static final String HOLD = "ip link set lo up && echo ready && exec cat";

  private final Process holder;
  private final List<String> enter;

  private NetworkNamespace(Process holder, List<String> enter) {
    this.holder = holder;
    this.enter = enter;
  }

  /** Makes one; empty where this user may not, or where the tools for it are missing. */
  static Optional<NetworkNamespace> open() throws IOException, InterruptedException {
    Optional<NetworkNamespace> asRoot = open(List.of("-n"), List.of("-n"));
    return asRoot.isPresent()
        ? asRoot
        : open(List.of("-r", "-n"), List.of("-U", "--preserve-credentials", "-n"));
  }

  private static Optional<NetworkNamespace> open(List<String> unshare, List<String> nsenter)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare"));
    command.addAll(unshare);
    command.addAll(List.of("sh", "-c", HOLD));
    Process holder;
    try {
      holder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return Optional.empty(); // no such program
    }
    BufferedReader said =
        new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
    if (!"ready".equals(said.readLine())) {
      holder.waitFor(5, TimeUnit.SECONDS);
      return Optional.empty();
    }
    List<String> enter = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid())));
    enter.addAll(nsenter);
    enter.add("--");
    return Optional.of(new NetworkNamespace(holder, List.copyOf(enter)));
  }

  /** The command that runs {@code command} inside, as a process with the same id. */
  List<String> inside(List<String> command) {
    List<String> whole = new ArrayList<>(enter);
    whole.addAll(command);
    return whole;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    holder.getOutputStream().close();
    if (!holder.waitFor(5, TimeUnit.SECONDS)) {
      holder.destroyForcibly();
    }
  }
}
