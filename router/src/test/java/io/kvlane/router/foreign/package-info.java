/** Engines that other people wrote, under the real agent and the real router. */
@NullMarked
package io.kvlane.router.foreign;

import org.jspecify.annotations.NullMarked;
