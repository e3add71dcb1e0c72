/**
 * The link to the other regions' routers: who they are, how far away, how they fare, and what they
 * hold.
 */
@NullMarked
package io.kvlane.router.region;

import org.jspecify.annotations.NullMarked;
