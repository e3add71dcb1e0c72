/**
 * Carries policies to all routers: from the store to this router, over the region's cluster to its
 * other routers and over the link to those of other regions; and what they say to them back.
 */
@NullMarked
package io.kvlane.router.control;

import org.jspecify.annotations.NullMarked;
