/** The region's Hazelcast cluster, of which every router is a member. */
@NullMarked
package io.kvlane.router.cluster;

import org.jspecify.annotations.NullMarked;
