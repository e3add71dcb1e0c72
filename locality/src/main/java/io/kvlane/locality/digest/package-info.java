/**
 * One region's index boiled down to what another region needs to know: about how many tokens of a
 * prompt are cached there, and on how many replicas.
 */
@NullMarked
package io.kvlane.locality.digest;

import org.jspecify.annotations.NullMarked;
