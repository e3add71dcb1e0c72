/**
 * Regions, routers and replicas under virtual time: what a routing policy does with a workload.
 * Deterministic; one thread a simulation.
 */
@NullMarked
package io.kvlane.simulator.fleet;

import org.jspecify.annotations.NullMarked;
