/** What the router measures of the requests that pass through it. */
@NullMarked
package io.kvlane.router.telemetry;

import org.jspecify.annotations.NullMarked;
