package io.kvlane.simulator.live.load;

import io.kvlane.simulator.text.BlockText;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Conversations: every session opens with one of a few system prompts, drawn by Zipf's law, and
 * sends its whole history with every turn. Between turns the user thinks.
 */
final class ChatWorkload implements Workload {
  private static final long USER_TEXT = 1L << 32;

  private final Shape shape;
  private final String model;
  private final long seed;

  /**
   * The conversations' measures.
   *
   * @param concurrency sessions at a time
   * @param systemPrompts different system prompts
   * @param zipf exponent of their popularity, 0 for all alike
   * @param thinkMillis mean time between an answer and the next turn
   */
  record Shape(
      int sessions,
      int turns,
      int concurrency,
      int systemPrompts,
      double zipf,
      int systemTokens,
      int userTokens,
      int outputTokens,
      long thinkMillis) {}

  ChatWorkload(Shape shape, String model, long seed) {
    this.shape = shape;
    this.model = model;
    this.seed = seed;
  }

  @Override
  public int size() {
    return shape.sessions() * shape.turns();
  }

  @Override
  public String describe() {
    return "chat, seed %d, %s".formatted(seed, shape);
  }

  @Override
  public Future<Void> run(Vertx vertx, LoadClient client, Consumer<Outcome> outcomes) {
    Run run = new Run(vertx, client, outcomes);
    for (int i = 0; i < Math.min(shape.concurrency(), shape.sessions()); i++) {
      run.startSession();
    }
    return run.finished.future();
  }

  private final class Run {
    private final Vertx vertx;
    private final LoadClient client;
    private final Consumer<Outcome> outcomes;
    private final Promise<Void> finished = Promise.promise();
    private int started;
    private int over;

    Run(Vertx vertx, LoadClient client, Consumer<Outcome> outcomes) {
      this.vertx = vertx;
      this.client = client;
      this.outcomes = outcomes;
    }

    void startSession() {
      if (started < shape.sessions()) {
        Session session = new Session(this, started++);
        session.think();
      }
    }

    void sessionOver() {
      if (++over == shape.sessions()) {
        finished.complete();
      } else {
        startSession();
      }
    }
  }

  private final class Session {
    private final Run run;
    private final int number;
    private final RandomGenerator random;
    private final JsonArray messages = new JsonArray();
    private int turn;

    Session(Run run, int number) {
      this.run = run;
      this.number = number;
      this.random = new SplittableRandom(seed * 1_000_003 + number);
      add("system", seed + zipf(random), shape.systemTokens());
    }

    void think() {
      double millis = -Math.log(1 - random.nextDouble()) * shape.thinkMillis();
      run.vertx.setTimer(Math.max(1, Math.round(millis)), ignored -> ask());
    }

    private void ask() {
      add("user", USER_TEXT + (seed + number) * shape.turns() + turn, shape.userTokens());
      JsonObject body =
          new JsonObject()
              .put("model", model)
              .put("messages", messages)
              .put("max_tokens", shape.outputTokens())
              .put("stream", true)
              .put("stream_options", new JsonObject().put("include_usage", true));
      run.client
          .send(new Call(number, turn, "/v1/chat/completions", body.toBuffer(), true))
          .onSuccess(this::answered);
    }

    private void answered(Outcome outcome) {
      run.outcomes.accept(outcome);
      messages.add(new JsonObject().put("role", "assistant").put("content", outcome.text()));
      if (++turn < shape.turns()) {
        think();
      } else {
        run.sessionOver();
      }
    }

    private void add(String role, long text, int tokens) {
      StringBuilder content = new StringBuilder();
      BlockText.append(text, tokens, content);
      messages.add(new JsonObject().put("role", role).put("content", content.toString()));
    }
  }

  /** A system prompt's number: the k-th most popular has weight 1 / k^exponent. */
  private int zipf(RandomGenerator random) {
    double all = 0;
    for (int k = 1; k <= shape.systemPrompts(); k++) {
      all += Math.pow(k, -shape.zipf());
    }
    double left = random.nextDouble() * all;
    int k = 1;
    while (k < shape.systemPrompts() && left >= Math.pow(k, -shape.zipf())) {
      left -= Math.pow(k, -shape.zipf());
      k++;
    }
    return k;
  }
}
