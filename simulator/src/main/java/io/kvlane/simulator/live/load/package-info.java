/** A load tool: traces and chats against routers or engines, and what came of it. */
@NullMarked
package io.kvlane.simulator.live.load;

import org.jspecify.annotations.NullMarked;
