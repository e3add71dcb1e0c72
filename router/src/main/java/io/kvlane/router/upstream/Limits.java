package io.kvlane.router.upstream;

import java.time.Duration;

/**
 * What one request may take.
 *
 * @param attempts replicas that it may try, at least 1
 * @param firstByte limit for the first event of a stream
 * @param answer limit for the first byte of an answer that is no stream
 * @param idle limit for silence in the middle of an answer
 * @param total time that all attempts together have for the first byte of an answer
 */
public record Limits(
    int attempts, Duration firstByte, Duration answer, Duration idle, Duration total) {}
