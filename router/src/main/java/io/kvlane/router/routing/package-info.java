/** Which replica serves a request: feeds the pure decision from the region's live views. */
@NullMarked
package io.kvlane.router.routing;

import org.jspecify.annotations.NullMarked;
