/** Workloads for simulations: recorded traces, and generators with a seed. */
@NullMarked
package io.kvlane.simulator.workload;

import org.jspecify.annotations.NullMarked;
