/** Recorded request traces, and what plain caches make of them. */
@NullMarked
package io.kvlane.simulator.trace;

import org.jspecify.annotations.NullMarked;
