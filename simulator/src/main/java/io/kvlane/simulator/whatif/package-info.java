/** What another routing policy would have made of requests that were recorded. */
@NullMarked
package io.kvlane.simulator.whatif;

import org.jspecify.annotations.NullMarked;
