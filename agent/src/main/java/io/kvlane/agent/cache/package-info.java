/** What one engine's cache holds, as KVLane keys. */
@NullMarked
package io.kvlane.agent.cache;

import org.jspecify.annotations.NullMarked;
