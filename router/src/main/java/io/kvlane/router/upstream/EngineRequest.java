package io.kvlane.router.upstream;

import io.kvlane.router.telemetry.RequestTrace;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What every attempt sends to its engine.
 *
 * @param uri path and query
 * @param headers headers fit for the engine
 * @param linkHeaders headers fit for another region's router
 * @param body the whole body
 * @param stream whether the client asked for an event stream
 * @param limits what it may take
 * @param retries asked before each further attempt; whether there may be one
 * @param dropUsage whether the event that carries nothing but usage is for the router alone
 * @param trace that the attempts are part of
 */
public record EngineRequest(
    String uri,
    MultiMap headers,
    Supplier<MultiMap> linkHeaders,
    Buffer body,
    boolean stream,
    Limits limits,
    BooleanSupplier retries,
    boolean dropUsage,
    RequestTrace trace) {

  /** Leaves headers and body out: they are the client's. */
  @Override
  public String toString() {
    return "EngineRequest[" + uri + ", " + body.length() + " bytes]";
  }
}
