/** One engine's prefix cache and scheduler, step by step: no clock, no I/O, no threads. */
@NullMarked
package io.kvlane.simulator.engine;

import org.jspecify.annotations.NullMarked;
