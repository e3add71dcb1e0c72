/** A prompt as a chain of 64-bit block keys, rooted in model, LoRA adapter and salt. */
@NullMarked
package io.kvlane.locality.prefix;

import org.jspecify.annotations.NullMarked;
