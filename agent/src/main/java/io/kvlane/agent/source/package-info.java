/** The engine's event stream: sockets, and the rules for gaps, restarts and replays. */
@NullMarked
package io.kvlane.agent.source;

import org.jspecify.annotations.NullMarked;
