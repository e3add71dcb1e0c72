package io.kvlane.router.sdk;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client SDK installed under {@code target/sdk}, with the script of {@code src/test/sdk} that
 * drives it. What cannot be had on this machine aborts the test, which shows as a skip with the
 * reason.
 */
record Sdk(Path folder, List<String> command) {
  private static final Path SOURCES = Path.of("src", "test", "sdk");
  private static final Path INSTALLED = Path.of("target", "sdk");
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(4);
  private static final Duration RUN_LIMIT = Duration.ofMinutes(3);

  /** What a script printed, and its exit code. */
  record Run(int exitCode, String output) {}

  /** The OpenAI and Anthropic SDKs for Python in a virtual environment. */
  static Sdk python() throws Exception {
    Path folder = copy("python", "requirements.txt", "check.py");
    return new Sdk(folder, List.of(environment(folder).resolve("python").toString(), "check.py"));
  }

  /** schemathesis, which makes requests from an OpenAPI document, in an environment of its own. */
  static Sdk schemathesis() throws Exception {
    Path folder = copy("contract", "requirements.txt");
    return new Sdk(folder, List.of(environment(folder).resolve("st").toString()));
  }

  /** Where the commands of the folder's virtual environment are. */
  private static Path environment(Path folder) throws Exception {
    Path venv = folder.resolve("venv");
    String python = venv.resolve("bin").resolve("python").toString();
    if (isStale(folder, "requirements.txt")) {
      install(folder, "python3", "-m", "venv", "--clear", venv.toString());
      install(
          folder,
          python,
          "-m",
          "pip",
          "install",
          "--quiet",
          "--disable-pip-version-check",
          "-r",
          "requirements.txt");
      markFresh(folder, "requirements.txt");
    }
    return venv.resolve("bin");
  }

  /** The OpenAI SDK for Node. */
  static Sdk node() throws Exception {
    Path folder = copy("node", "package.json", "package-lock.json", "check.mjs");
    if (isStale(folder, "package-lock.json")) {
      install(folder, "npm", "ci", "--silent", "--no-audit", "--no-fund");
      markFresh(folder, "package-lock.json");
    }
    return new Sdk(folder, List.of("node", "check.mjs"));
  }

  /** Runs the checks against a router. */
  Run check(String baseUrl, String model) throws Exception {
    return run(baseUrl, model);
  }

  /** Runs its command. */
  Run run(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(arguments));
    return run(folder, RUN_LIMIT, line);
  }

  private static Path copy(String language, String... files) throws IOException {
    Path folder = Files.createDirectories(INSTALLED.resolve(language)).toAbsolutePath();
    for (String file : files) {
      Files.copy(
          SOURCES.resolve(language).resolve(file),
          folder.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return folder;
  }

  /** Whether the installed packages are not the ones that {@code lock} names. */
  private static boolean isStale(Path folder, String lock) throws IOException {
    Path installed = folder.resolve(lock + ".installed");
    return !Files.exists(installed) || Files.mismatch(installed, folder.resolve(lock)) >= 0;
  }

  private static void markFresh(Path folder, String lock) throws IOException {
    Files.copy(
        folder.resolve(lock),
        folder.resolve(lock + ".installed"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void install(Path folder, String... command) throws Exception {
    Run run;
    try {
      run = run(folder, INSTALL_LIMIT, List.of(command));
    } catch (IOException e) {
      abort("SKIPPED: %s cannot be run here: %s".formatted(command[0], e.getMessage()));
      return;
    }
    if (run.exitCode != 0) {
      abort(
          "SKIPPED: the packages cannot be had here: '%s' said: %s"
              .formatted(String.join(" ", command), run.output));
    }
  }

  private static Run run(Path folder, Duration limit, List<String> command) throws Exception {
    Path output = Files.createTempFile(folder, "run", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
      String text = Files.readString(output, StandardCharsets.UTF_8);
      return ended
          ? new Run(process.exitValue(), text)
          : new Run(-1, text + "\nstill running after " + limit);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
