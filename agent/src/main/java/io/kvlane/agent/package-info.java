/** The agent: the process beside one engine that tells the region what the engine's cache holds. */
@NullMarked
package io.kvlane.agent;

import org.jspecify.annotations.NullMarked;
