/** A simulated engine as a process: vLLM's HTTP surface, metrics and KV events, without a model. */
@NullMarked
package io.kvlane.simulator.live.engine;

import org.jspecify.annotations.NullMarked;
