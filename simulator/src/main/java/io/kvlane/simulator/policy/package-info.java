/** KVLane's own decision, inside a simulation. */
@NullMarked
package io.kvlane.simulator.policy;

import org.jspecify.annotations.NullMarked;
