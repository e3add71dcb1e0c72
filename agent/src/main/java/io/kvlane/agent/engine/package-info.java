/** The engine's HTTP side: health, models, load and cache geometry. */
@NullMarked
package io.kvlane.agent.engine;

import org.jspecify.annotations.NullMarked;
