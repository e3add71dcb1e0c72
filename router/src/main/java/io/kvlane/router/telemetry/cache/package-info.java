/**
 * What caches brought, over time: kept by each router for what it has routed, so that questions are
 * answered without any other system.
 */
@NullMarked
package io.kvlane.router.telemetry.cache;

import org.jspecify.annotations.NullMarked;
