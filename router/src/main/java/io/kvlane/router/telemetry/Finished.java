package io.kvlane.router.telemetry;

import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import org.jspecify.annotations.Nullable;

/**
 * A request whose answer has begun and is over.
 *
 * @param route one word for the API
 * @param status of the answer
 * @param decision the decision's word
 * @param model as the client sent it
 * @param tenant empty for nobody in particular
 * @param forwarded whether another region's router has sent it, which counts it too
 * @param region where it was served
 * @param replica that served it; empty if another region chose it
 * @param bodyBytes of the request
 * @param features of its prompt; null if it was not looked at
 * @param usage what the engine reported
 * @param reuse what became of what could have been reused
 * @param stream whether the answer is a stream
 * @param firstByteNanos from the request's arrival; 0 if there was none
 * @param totalNanos from the request's arrival
 */
public record Finished(
    String route,
    int status,
    String decision,
    String model,
    String tenant,
    boolean forwarded,
    String region,
    String replica,
    int bodyBytes,
    Reasons.@Nullable Features features,
    Route.Usage usage,
    Reuse reuse,
    boolean stream,
    long firstByteNanos,
    long totalNanos) {}
