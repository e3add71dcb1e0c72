/** What several regions on one machine need: certificates for their link, and distance. */
@NullMarked
package io.kvlane.simulator.live.link;

import org.jspecify.annotations.NullMarked;
