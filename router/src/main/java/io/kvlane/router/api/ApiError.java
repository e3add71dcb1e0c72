package io.kvlane.router.api;

import io.kvlane.router.routing.RoutingException;
import io.kvlane.router.upstream.Failure;
import org.jspecify.annotations.Nullable;

/**
 * An error that a client is told, in whatever shape its API has. All of them are made here.
 *
 * @param status HTTP status
 * @param kind the class of error
 * @param code a word for programs
 * @param message a sentence for people, without anything of the prompt
 * @param param the body's field that is at fault, null if none is
 * @param retryAfter seconds after which a retry may help; 0 if a retry is of no use or was made
 */
record ApiError(
    int status, Kind kind, String code, String message, @Nullable String param, int retryAfter) {

  /** The classes of errors, as OpenAI and Anthropic name them. */
  enum Kind {
    INVALID("invalid_request_error", "invalid_request_error"),
    UNAUTHORIZED("invalid_request_error", "authentication_error"),
    NOT_FOUND("invalid_request_error", "not_found_error"),
    TOO_LARGE("invalid_request_error", "request_too_large"),
    RATE_LIMIT("rate_limit_error", "rate_limit_error"),
    OVERLOADED("rate_limit_error", "overloaded_error"),
    TIMEOUT("api_error", "timeout_error"),
    SERVER("api_error", "api_error");

    final String openai;
    final String anthropic;

    Kind(String openai, String anthropic) {
      this.openai = openai;
      this.anthropic = anthropic;
    }
  }

  static ApiError invalid(String message, @Nullable String param) {
    return new ApiError(400, Kind.INVALID, "invalid_request", message, param, 0);
  }

  static ApiError unknownModel() {
    return new ApiError(
        404, Kind.NOT_FOUND, "model_not_found", "The model does not exist.", "model", 0);
  }

  static ApiError noSuchPath() {
    return new ApiError(404, Kind.NOT_FOUND, "not_found", "There is no such resource.", null, 0);
  }

  static ApiError methodNotAllowed(String allowed) {
    String message = "The method is not allowed here (expected: " + allowed + ").";
    return new ApiError(405, Kind.INVALID, "method_not_allowed", message, null, 0);
  }

  static ApiError bodyTooLarge(long maxBytes) {
    String message = "The body is larger than " + maxBytes + " bytes.";
    return new ApiError(413, Kind.TOO_LARGE, "request_too_large", message, null, 0);
  }

  static ApiError bodyTooSlow() {
    return new ApiError(
        408, Kind.TIMEOUT, "request_timeout", "The body did not come in time.", null, 0);
  }

  static ApiError noMemory() {
    return new ApiError(
        503, Kind.OVERLOADED, "overloaded", "Too many bytes are on their way here.", null, 1);
  }

  static ApiError queueFull() {
    return new ApiError(
        429, Kind.OVERLOADED, "queue_full", "Too many requests wait for this model.", null, 1);
  }

  static ApiError queueTimeout() {
    return new ApiError(
        503, Kind.OVERLOADED, "queue_timeout", "No replica became free in time.", null, 2);
  }

  static ApiError shuttingDown() {
    return new ApiError(503, Kind.SERVER, "shutting_down", "This router is stopping.", null, 1);
  }

  static ApiError unauthorized() {
    return new ApiError(
        401, Kind.UNAUTHORIZED, "invalid_api_key", "The API key is not known.", null, 0);
  }

  static ApiError forgedHeader() {
    String message =
        "x-kvlane-tenant, x-kvlane-region and x-kvlane-link-pass are not for clients to set.";
    return new ApiError(400, Kind.INVALID, "forged_header", message, null, 0);
  }

  static ApiError forwardRefused() {
    return new ApiError(
        403, Kind.INVALID, "forward_refused", "The request shows no good pass.", null, 0);
  }

  static ApiError internal() {
    return new ApiError(
        500, Kind.SERVER, "internal_error", "The router failed; its log says why.", null, 0);
  }

  static ApiError of(RoutingException e) {
    return switch (e.reason()) {
      case UNKNOWN_MODEL -> unknownModel();
      case NO_ALLOWED_REGION ->
          new ApiError(
              503, Kind.SERVER, "no-allowed-region", String.valueOf(e.getMessage()), null, 2);
      case EVACUATED ->
          new ApiError(503, Kind.SERVER, "evacuated", String.valueOf(e.getMessage()), null, 2);
      case NO_HEALTHY_REPLICA ->
          new ApiError(
              503,
              Kind.SERVER,
              "no_healthy_replica",
              "No replica of this model is healthy.",
              null,
              2);
      case NO_MEMORY ->
          new ApiError(
              429,
              Kind.OVERLOADED,
              "no_memory",
              "Replicas keep their memory for prompts that they hold a part of.",
              null,
              1);
    };
  }

  static ApiError of(Failure failure) {
    return switch (failure.kind()) {
      case CONNECT, RESET ->
          engine(502, Kind.SERVER, "engine_unreachable", "No replica could be reached.");
      case STATUS ->
          engine(
              failure.engineStatus() == 503 || failure.engineStatus() == 529 ? 503 : 502,
              Kind.SERVER,
              "engine_error",
              "The replicas answered with errors.");
      case BUSY -> engine(429, Kind.OVERLOADED, "engine_busy", "All replicas are busy.");
      case ERROR_EVENT ->
          engine(502, Kind.SERVER, "engine_error", "The replicas answered with errors.");
      case FIRST_BYTE_TIMEOUT ->
          engine(504, Kind.TIMEOUT, "engine_timeout", "No replica answered in time.");
      case IDLE_TIMEOUT -> engine(504, Kind.TIMEOUT, "engine_timeout", "The replica fell silent.");
      case BROKEN -> engine(502, Kind.SERVER, "engine_broken", "The replica broke off its answer.");
      case SHUTDOWN -> shuttingDown();
      case SLOW_CLIENT, INTERNAL -> internal();
    };
  }

  private static ApiError engine(int status, Kind kind, String code, String message) {
    return new ApiError(status, kind, code, message, null, 0);
  }
}
