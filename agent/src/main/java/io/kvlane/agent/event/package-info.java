/** KV events as engines write them: every wire form read into one set of records. */
@NullMarked
package io.kvlane.agent.event;

import org.jspecify.annotations.NullMarked;
