/** Where a request should go: a pure function of what is known, with its reasons attached. */
@NullMarked
package io.kvlane.locality.decision;

import org.jspecify.annotations.NullMarked;
