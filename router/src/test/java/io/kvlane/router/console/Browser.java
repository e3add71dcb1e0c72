package io.kvlane.router.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless Chromium with one page, used as a person would: by what can be read on it. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LISTENS = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final Map<String, Integer> KEYS = Map.of("Tab", 9, "Enter", 13, "Escape", 27);

  /** Finds what can be used by its name: what it says, its label, or its field's label. */
  private static final String FIND =
      """
      (name => {
        const root = document.querySelector('dialog[open]') ?? document;
        const named = e => [e.getAttribute('aria-label'), e.textContent, e.getAttribute('name')]
          .some(text => text?.trim() === name);
        const labelled = [...root.querySelectorAll('label')]
          .filter(label => [...label.childNodes].some(n => n.textContent.trim() === name))
          .map(label => label.querySelector('input, select, textarea'));
        return [...root.querySelectorAll('button, a, summary, input, select, textarea')]
          .filter(named).concat(labelled).find(e => e?.checkVisibility());
      })\
      """;

  private final Process process;
  private final DevTools tools;
  private final String session;
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final List<String> addresses = new CopyOnWriteArrayList<>();
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> absent = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  /** Starts it; where there is none, the test is skipped. */
  Browser(Path folder) throws IOException {
    Optional<Path> program = program();
    assumeTrue(program.isPresent(), "Chromium is not installed: the console is not tested in it");
    Path log = folder.resolve("chromium.log");
    process =
        new ProcessBuilder(
                program.orElseThrow().toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder.resolve("profile"),
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await().atMost(Duration.ofSeconds(60)).until(() -> address(log).isPresent());
    tools = new DevTools(address(log).orElseThrow(), this::event);
    String target =
        tools
            .call("", "Target.createTarget", Map.of("url", "about:blank"))
            .path("targetId")
            .asText();
    session =
        tools
            .call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    List.of("Page", "Runtime", "Log", "Network").forEach(part -> call(part + ".enable", Map.of()));
  }

  private static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Optional<URI> address(Path log) throws IOException {
    Matcher matcher = LISTENS.matcher(Files.readString(log));
    return matcher.find() ? Optional.of(URI.create(matcher.group(1))) : Optional.empty();
  }

  private void event(String name, JsonNode event) {
    switch (name) {
      case "Runtime.exceptionThrown" -> problems.add(event.path("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> {
        if (event.path("type").asText().equals("error")) {
          problems.add(event.path("args").toString());
        }
      }
      case "Log.entryAdded" -> {
        JsonNode entry = event.path("entry");
        // A refused or missing answer is part of the play; the page must know what to make of it.
        if (entry.path("level").asText().equals("error")
            && !entry.path("source").asText().equals("network")) {
          problems.add(entry.toString());
        }
      }
      case "Network.requestWillBeSent" -> addresses.add(event.path("request").path("url").asText());
      case "Fetch.requestPaused" -> answer(event);
      default -> {}
    }
  }

  private void answer(JsonNode event) {
    String id = event.path("requestId").asText();
    String path = URI.create(event.path("request").path("url").asText()).getPath();
    String body = answers.get(path);
    if (cut) {
      var failed = Map.of("requestId", id, "errorReason", "ConnectionRefused");
      tools.send(session, "Fetch.failRequest", failed);
    } else if (absent.stream().anyMatch(path::startsWith)) {
      fulfill(id, 404, "{\"code\":\"not-found\",\"detail\":\"Nothing is there.\"}");
    } else if (body == null) {
      tools.send(session, "Fetch.continueRequest", Map.of("requestId", id));
    } else {
      fulfill(id, 200, body);
    }
  }

  private void fulfill(String id, int status, String body) {
    String type = body.startsWith("event:") ? "text/event-stream" : "application/json";
    tools.send(
        session,
        "Fetch.fulfillRequest",
        Map.of(
            "requestId",
            id,
            "responseCode",
            status,
            "responseHeaders",
            List.of(Map.of("name", "Content-Type", "value", type)),
            "body",
            Base64.getEncoder().encodeToString(body.getBytes(UTF_8))));
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    return tools.call(session, method, parameters);
  }

  /** From now on requests to the path are answered with that, not by the router. */
  void answer(String path, String body) {
    answers.put(path, body);
    intercept();
  }

  /** From now on nothing below that is there. */
  void answerNotFound(String... paths) {
    absent.addAll(List.of(paths));
    intercept();
  }

  /** Whether the router is out of reach from now on. */
  void cutOff(boolean off) {
    cut = off;
    intercept();
  }

  private void intercept() {
    call("Fetch.enable", Map.of("patterns", List.of(Map.of("urlPattern", "*/admin/*"))));
  }

  /** What went wrong on the page: exceptions, errors on the console, broken rules of the policy. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** All that the page has asked for. */
  List<String> addresses() {
    return List.copyOf(addresses);
  }

  void open(String url) {
    call("Page.navigate", Map.of("url", url));
    await().atMost(Duration.ofSeconds(60)).until(() -> isTrue("document.readyState=='complete'"));
  }

  void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What a script comes to. */
  JsonNode eval(String script) {
    JsonNode done =
        call(
            "Runtime.evaluate",
            Map.of("expression", script, "returnByValue", true, "awaitPromise", true));
    assertThat(done.has("exceptionDetails")).as("%s: %s", script, done).isFalse();
    return done.path("result").path("value");
  }

  boolean isTrue(String script) {
    return eval(script).asBoolean();
  }

  String text() {
    return eval("(document.querySelector('dialog[open]') ?? document.body).innerText").asText();
  }

  /** Waits until all of that can be read on the page. */
  void see(String... texts) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(text()).containsIgnoringCase(texts[0]));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              String text = text();
              for (String wanted : texts) {
                assertThat(text).containsIgnoringCase(wanted);
              }
            });
  }

  /** Presses what has that name, with the mouse. */
  void click(String name) {
    String found = FIND + "(" + quoted(name) + ")";
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> isTrue("(e => e !== undefined && !e.disabled)(" + found + ")"));
    JsonNode at =
        eval(
            "(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                + " return [r.x + r.width / 2, r.y + r.height / 2]; })("
                + found
                + ")");
    for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
      Map<String, Object> mouse = new LinkedHashMap<>();
      mouse.put("type", type);
      mouse.put("x", at.path(0).asDouble());
      mouse.put("y", at.path(1).asDouble());
      if (!type.equals("mouseMoved")) {
        mouse.put("button", "left");
        mouse.put("clickCount", 1);
      }
      call("Input.dispatchMouseEvent", mouse);
    }
  }

  /** Types into the field that has that name, instead of what it held. */
  void fill(String name, String text) {
    click(name);
    eval("document.activeElement.select()");
    call("Input.insertText", Map.of("text", text));
    eval("document.activeElement.dispatchEvent(new Event('change', {bubbles: true}))");
  }

  void press(String key) {
    int code = KEYS.get(key);
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("key", key);
    event.put("code", key);
    event.put("windowsVirtualKeyCode", code);
    if (key.equals("Enter")) {
      event.put("text", "\r");
    }
    event.put("type", "keyDown");
    call("Input.dispatchKeyEvent", event);
    event.put("type", "keyUp");
    call("Input.dispatchKeyEvent", event);
  }

  void screenshot(Path file) throws IOException {
    JsonNode taken = call("Page.captureScreenshot", Map.of("format", "png"));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(taken.path("data").asText()));
  }

  static String quoted(String text) {
    return JSON.valueToTree(text).toString();
  }

  @Override
  public void close() {
    tools.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
