/** What was decided of requests and what became of them, kept for a while and found region-wide. */
@NullMarked
package io.kvlane.router.telemetry.evidence;

import org.jspecify.annotations.NullMarked;
