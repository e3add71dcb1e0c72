/**
 * Other people's routing policies, each from its published rule, to compare with. A router's policy
 * knows what that router routed and what {@link io.kvlane.simulator.fleet.RouterView} shows.
 */
@NullMarked
package io.kvlane.simulator.rival;

import org.jspecify.annotations.NullMarked;
