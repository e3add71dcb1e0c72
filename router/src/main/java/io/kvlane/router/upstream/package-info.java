/** Attempts at engines: relay with backpressure, failover before the first byte, cancellation. */
@NullMarked
package io.kvlane.router.upstream;

import org.jspecify.annotations.NullMarked;
