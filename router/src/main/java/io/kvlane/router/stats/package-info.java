/** Numbers about many measurements, in little memory. */
@NullMarked
package io.kvlane.router.stats;

import org.jspecify.annotations.NullMarked;
