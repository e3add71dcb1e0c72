/**
 * The locality map's wire formats: what agents and routers put into the region's Hazelcast. Plain
 * bytes and records; nothing here performs I/O.
 */
@NullMarked
package io.kvlane.locality.log;

import org.jspecify.annotations.NullMarked;
