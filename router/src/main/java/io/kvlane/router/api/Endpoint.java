package io.kvlane.router.api;

import org.jspecify.annotations.Nullable;

/** What clients may post to. */
enum Endpoint {
  CHAT("/v1/chat/completions", "chat", "tools", "functions", null, "messages"),
  COMPLETIONS("/v1/completions", "completions", null, null, null, "prompt"),
  EMBEDDINGS("/v1/embeddings", "embeddings", null, null, null, "input"),
  RESPONSES("/v1/responses", "responses", "tools", null, "instructions", "input"),
  MESSAGES("/v1/messages", "messages", "tools", null, "system", "messages");

  private static final Endpoint[] ALL = values();

  private final String path;
  private final String word;
  private final @Nullable String tools;
  private final @Nullable String functions;
  private final @Nullable String system;
  private final String prompt;

  Endpoint(
      String path,
      String word,
      @Nullable String tools,
      @Nullable String functions,
      @Nullable String system,
      String prompt) {
    this.path = path;
    this.word = word;
    this.tools = tools;
    this.functions = functions;
    this.system = system;
    this.prompt = prompt;
  }

  static @Nullable Endpoint of(String path) {
    for (Endpoint endpoint : ALL) {
      if (endpoint.path.equals(path)) {
        return endpoint;
      }
    }
    return null;
  }

  /** Where clients post to. */
  String path() {
    return path;
  }

  /** One word for metrics. */
  String word() {
    return word;
  }

  /** The same in OpenTelemetry's words. */
  String operation() {
    return switch (this) {
      case CHAT, RESPONSES, MESSAGES -> "chat";
      case COMPLETIONS -> "text_completion";
      case EMBEDDINGS -> "embeddings";
    };
  }

  ErrorShape shape() {
    return this == MESSAGES ? ErrorShape.ANTHROPIC : ErrorShape.OPENAI;
  }

  /** Whether a stream tells usage only if {@code stream_options.include_usage} asks for it. */
  boolean usageOnDemand() {
    return this == CHAT || this == COMPLETIONS;
  }

  /** The field that holds the prompt. */
  String prompt() {
    return prompt;
  }

  /** Which part of the prompt a body's field is: 0 tools, 1 system, 2 the rest; -1 for none. */
  int section(String field) {
    if (field.equals(prompt)) {
      return 2;
    }
    if (field.equals(system)) {
      return 1;
    }
    return field.equals(tools) || field.equals(functions) ? 0 : -1;
  }
}
