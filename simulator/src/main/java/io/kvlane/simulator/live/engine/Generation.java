package io.kvlane.simulator.live.engine;

import io.kvlane.simulator.engine.Sequence;
import io.kvlane.simulator.text.Tokenizer;
import io.kvlane.simulator.text.Words;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * One request being answered: its sequences in the engine and its connection to the client. The
 * generated text is filler that depends on the prompt alone. Confined to the engine's context.
 */
final class Generation {
  private final GenerationCall call;
  private final Reply reply;
  private final EngineLoop loop;
  private final EngineMetrics metrics;
  private final HttpServerResponse response;
  private final LongSupplier nanoTime;
  private final long started;
  private final long mostChunks;
  private final List<Choice> choices = new ArrayList<>();
  private int unfinished;
  private boolean opened;
  private boolean over;
  private long chunks;

  /**
   * @param mostChunks after how many body chunks the connection is cut, a fault
   */
  Generation(
      GenerationCall call,
      Reply reply,
      EngineLoop loop,
      EngineMetrics metrics,
      HttpServerResponse response,
      LongSupplier nanoTime,
      long mostChunks) {
    this.call = call;
    this.reply = reply;
    this.loop = loop;
    this.metrics = metrics;
    this.response = response;
    this.nanoTime = nanoTime;
    this.started = nanoTime.getAsLong();
    this.mostChunks = mostChunks;
    for (int i = 0; i < call.prompts().size(); i++) {
      choices.add(new Choice(i, call.prompts().get(i)));
    }
    unfinished = choices.size();
  }

  /** Queues the request. Streams get their headers at once, as vLLM's do. */
  void start() {
    if (over) {
      return;
    }
    if (call.stream()) {
      response
          .setChunked(true)
          .putHeader("content-type", "text/event-stream; charset=utf-8")
          .putHeader("cache-control", "no-cache");
      response.writeHead();
    }
    choices.forEach(choice -> loop.submit(choice.sequence, choice));
  }

  /** The client has gone, or is to be left alone. */
  void abandon() {
    if (!over) {
      over = true;
      choices.forEach(choice -> loop.abort(choice.sequence));
    }
  }

  private void onToken(Choice choice, boolean finished) {
    if (over) {
      return;
    }
    if (!opened) {
      opened = true;
      metrics.firstToken((nanoTime.getAsLong() - started) / 1e9);
      if (call.stream()) {
        write(reply.opening(usage()));
      }
    }
    if (call.stream()) {
      write(reply.token(choice.index, choice.last(), finished ? call.finishReason() : null));
    }
    if (finished && --unfinished == 0 && !over) {
      finish();
    }
  }

  private void finish() {
    Usage usage = usage();
    metrics.finished(call.finishReason(), usage);
    if (call.stream()) {
      write(reply.closing(usage));
      if (!over) {
        over = true;
        response.end();
      }
      return;
    }
    write(reply.whole(choices.stream().map(Choice::text).toList(), usage).encode());
    over = true;
  }

  private void write(String text) {
    if (over || text.isEmpty()) {
      return;
    }
    if (chunks++ >= mostChunks) {
      response.reset();
      abandon();
    } else if (call.stream()) {
      response.write(text);
    } else {
      response.putHeader("content-type", "application/json").end(text);
    }
  }

  private Usage usage() {
    int completion = choices.stream().mapToInt(c -> c.sequence.generatedTokens()).sum();
    int cached = choices.stream().mapToInt(c -> c.sequence.cachedTokens()).sum();
    return new Usage(call.promptTokens(), completion, cached);
  }

  /** One answer of a request. */
  private final class Choice implements EngineLoop.Listener {
    private final int index;
    private final long seed;
    private final Sequence sequence;

    Choice(int index, int[] prompt) {
      this.index = index;
      this.seed = Words.mix(Arrays.hashCode(prompt)) + ((long) index << 32);
      this.sequence =
          new Sequence(
              prompt,
              call.maxTokens(),
              call.root(),
              i -> Tokenizer.encode(Words.word(seed + i))[0]);
    }

    @Override
    public void onToken(boolean finished) {
      Generation.this.onToken(this, finished);
    }

    String last() {
      return Words.word(seed + sequence.generatedTokens() - 1);
    }

    String text() {
      StringBuilder text = new StringBuilder(sequence.generatedTokens() * Words.LENGTH);
      for (int i = 0; i < sequence.generatedTokens(); i++) {
        Words.append(seed + i, text);
      }
      return text.toString();
    }
  }
}
