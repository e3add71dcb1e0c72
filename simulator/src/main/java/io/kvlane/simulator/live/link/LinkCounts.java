package io.kvlane.simulator.live.link;

/**
 * What a proxy has seen since its start.
 *
 * @param connections accepted
 * @param open of them, now
 * @param forwardBytes delivered to the target
 * @param backwardBytes delivered to the connecting side
 * @param forwardLost bytes for the target that vanished in a cut
 * @param backwardLost bytes for the connecting side that vanished in a cut
 */
public record LinkCounts(
    long connections,
    long open,
    long forwardBytes,
    long backwardBytes,
    long forwardLost,
    long backwardLost) {}
