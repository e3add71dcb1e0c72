/** Which requests are let through to replicas, and how many at once. */
@NullMarked
package io.kvlane.locality.admission;

import org.jspecify.annotations.NullMarked;
