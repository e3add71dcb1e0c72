package io.kvlane.router.admin;

import io.kvlane.router.telemetry.evidence.Evidence;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What requests were decided by, and the way to other regions' routers, which know of theirs.
 *
 * @param here this region's
 * @param names the other regions
 * @param others the way to a router of another region, by its name; null if there is none
 */
public record RegionEvidence(
    Evidence here, Supplier<Set<String>> names, Function<String, @Nullable Remote> others) {}
