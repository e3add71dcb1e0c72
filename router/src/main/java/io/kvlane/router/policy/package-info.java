/**
 * Policies as versioned resources: what they say, which contradictions are refused, where they are
 * kept so that no write is lost, and which revision this router serves.
 *
 * <p>A write is decided before it is done: {@link io.kvlane.router.policy.ChangeDecider} computes,
 * without I/O, the deltas that would lead from one revision to the next, and {@link
 * io.kvlane.router.policy.PolicyStore} commits them in one transaction that compares and sets the
 * head. What serves requests reads {@link io.kvlane.router.policy.Policies#current()} only.
 */
@NullMarked
package io.kvlane.router.policy;

import org.jspecify.annotations.NullMarked;
