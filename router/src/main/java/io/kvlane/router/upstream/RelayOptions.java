package io.kvlane.router.upstream;

import java.time.Duration;

/**
 * Limits of every exchange.
 *
 * @param heldBytes how much of an answer that is no stream is held back, so that another replica
 *     can be tried if it breaks
 * @param slowClient limit for a client that does not read
 * @param keepAlive silence after which a client that waits for a stream gets a comment, even before
 *     an engine has answered; zero for never
 */
public record RelayOptions(long heldBytes, Duration slowClient, Duration keepAlive) {}
