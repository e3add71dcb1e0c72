/** Publishes one replica's cache and state into the region's Hazelcast. */
@NullMarked
package io.kvlane.agent.publish;

import org.jspecify.annotations.NullMarked;
