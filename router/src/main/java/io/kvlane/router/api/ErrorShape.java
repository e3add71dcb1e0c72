package io.kvlane.router.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** How an API writes its errors down. */
enum ErrorShape {
  /** {@code {"error":{"message","type","param","code"}}}. */
  OPENAI {
    @Override
    int status(ApiError error) {
      return error.status();
    }

    @Override
    void write(JsonGenerator json, ApiError error, String requestId) throws IOException {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("message", error.message() + " (request " + requestId + ")");
      json.writeStringField("type", error.kind().openai);
      json.writeStringField("param", error.param());
      json.writeStringField("code", error.code());
      json.writeEndObject();
      json.writeEndObject();
    }

    @Override
    String eventPrefix() {
      return "data: ";
    }
  },

  /** {@code {"type":"error","error":{"type","message"},"request_id"}}. */
  ANTHROPIC {
    @Override
    int status(ApiError error) {
      return error.kind() == ApiError.Kind.OVERLOADED ? 529 : error.status();
    }

    @Override
    void write(JsonGenerator json, ApiError error, String requestId) throws IOException {
      String param = error.param();
      json.writeStartObject();
      json.writeStringField("type", "error");
      json.writeObjectFieldStart("error");
      json.writeStringField("type", error.kind().anthropic);
      json.writeStringField("message", error.message());
      if (param != null) {
        json.writeStringField("param", param);
      }
      json.writeEndObject();
      json.writeStringField("request_id", requestId);
      json.writeEndObject();
    }

    @Override
    String eventPrefix() {
      return "event: error\ndata: ";
    }
  };

  private static final JsonFactory JSON = new JsonFactory();

  /** Whose API this is, in OpenTelemetry's words. */
  String provider() {
    return this == ANTHROPIC ? "anthropic" : "openai";
  }

  /** The HTTP status: Anthropic has one of its own for overload. */
  abstract int status(ApiError error);

  abstract void write(JsonGenerator json, ApiError error, String requestId) throws IOException;

  abstract String eventPrefix();

  /** The error as a response's body. */
  Buffer body(ApiError error, String requestId) {
    var bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      write(json, error, requestId);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  /** An error's body as an event of a stream that has begun. */
  Buffer event(Buffer body) {
    // Line ends would end the data; in JSON they are but space.
    String data = body.toString(UTF_8).replace('\r', ' ').replace('\n', ' ');
    return Buffer.buffer(eventPrefix() + data + "\n\n");
  }
}
