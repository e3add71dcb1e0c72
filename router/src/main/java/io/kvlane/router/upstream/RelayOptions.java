package io.kvlane.router.upstream;

import java.time.Duration;

/**
 * Limits of every exchange.
 *
 * @param attempts replicas that one request may try, at least 1
 * @param heldBytes how much of an answer that is no stream is held back, so that another replica
 *     can be tried if it breaks
 * @param firstByte limit for the first event of a stream
 * @param answer limit for the first byte of an answer that is no stream
 * @param idle limit for silence in the middle of an answer
 * @param slowClient limit for a client that does not read
 * @param keepAlive silence after which a client that waits for a stream gets a comment, even before
 *     an engine has answered; zero for never
 */
public record RelayOptions(
    int attempts,
    long heldBytes,
    Duration firstByte,
    Duration answer,
    Duration idle,
    Duration slowClient,
    Duration keepAlive) {}
