/** A tokenizer without a vocabulary file, and text made to measure for it. */
@NullMarked
package io.kvlane.simulator.text;

import org.jspecify.annotations.NullMarked;
