package io.kvlane.router.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The images of {@code deploy/images}, in the Docker engine. What this machine lacks aborts the
 * test, which shows as a skip with the reason.
 */
record ContainerImages(String router, String engine, String agent, String postgres) {
  private static final Path BUILT = Path.of("..", "target", "images");
  private static final String LOADED = "Loaded image: ";

  static ContainerImages load() throws Exception {
    Said info = docker("info", "--format", "{{.ServerVersion}}");
    if (info.status != 0) {
      abort("SKIPPED: no Docker engine answers: " + info.text.strip());
    }
    return new ContainerImages(
        load("kvlane-router.tar", "build"),
        load("kvlane-engine.tar", "build"),
        load("kvlane-agent.tar", "build"),
        load("postgres.tar", "postgres"));
  }

  /** Loads an image and returns its name. */
  private static String load(String file, String script) throws Exception {
    Path tar = BUILT.resolve(file);
    if (!Files.exists(tar)) {
      abort("SKIPPED: there is no target/images/%s: deploy/images/%s".formatted(file, script));
    }
    Said loaded = docker("load", "-i", tar.toString());
    assertThat(loaded.status).as(loaded.text).isZero();
    return loaded
        .text
        .lines()
        .filter(line -> line.startsWith(LOADED))
        .map(line -> line.substring(LOADED.length()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(loaded.text));
  }

  private record Said(int status, String text) {}

  private static Said docker(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("kvlane-docker", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("docker " + arguments[0] + " does not end");
      }
      return new Said(process.exitValue(), Files.readString(output, UTF_8));
    } catch (IOException e) {
      return new Said(-1, e.toString());
    } finally {
      Files.delete(output);
    }
  }
}
