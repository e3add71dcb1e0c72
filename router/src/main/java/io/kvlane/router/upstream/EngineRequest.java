package io.kvlane.router.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What every attempt sends to its engine.
 *
 * @param uri path and query
 * @param headers headers fit for the engine
 * @param linkHeaders headers fit for another region's router
 * @param body the whole body
 * @param stream whether the client asked for an event stream
 * @param limit time that all attempts together have for the first byte of an answer
 * @param dropUsage whether the event that carries nothing but usage is for the router alone
 */
public record EngineRequest(
    String uri,
    MultiMap headers,
    Supplier<MultiMap> linkHeaders,
    Buffer body,
    boolean stream,
    Duration limit,
    boolean dropUsage) {

  /** Leaves headers and body out: they are the client's. */
  @Override
  public String toString() {
    return "EngineRequest[" + uri + ", " + body.length() + " bytes]";
  }
}
