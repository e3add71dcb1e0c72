/** Who goes first: a bounded queue per model in front of the replicas. */
@NullMarked
package io.kvlane.router.admission;

import org.jspecify.annotations.NullMarked;
