package io.kvlane.simulator.live.engine;

/** The generating endpoints. */
enum Api {
  CHAT("/v1/chat/completions"),
  COMPLETIONS("/v1/completions"),
  EMBEDDINGS("/v1/embeddings"),
  RESPONSES("/v1/responses"),
  MESSAGES("/v1/messages");

  private final String path;

  Api(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }
}
