package io.kvlane.simulator.live.engine;

import org.jspecify.annotations.Nullable;

/**
 * Where and how an engine publishes its KV events.
 *
 * @param endpoint ZeroMQ endpoint to bind; port 0 or {@code *} takes any free port
 * @param replayEndpoint the same for replay requests, null for no replay
 * @param topic the first frame of every message
 * @param format how events are encoded
 */
public record EventOptions(
    String endpoint, @Nullable String replayEndpoint, String topic, Format format) {

  /** Encodings of one event; the batch is an array in both. */
  public enum Format {
    /** Maps with a {@code type} key: vLLM 0.24 and later, fields as 0.32 writes them. */
    MAP,
    /** Arrays with the type first: vLLM before 0.24, fields as 0.18 writes them. */
    ARRAY
  }
}
