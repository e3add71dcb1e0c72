/** Which replica holds which block, and the longest cached run of a chain on each. */
@NullMarked
package io.kvlane.locality.index;

import org.jspecify.annotations.NullMarked;
