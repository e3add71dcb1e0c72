package io.kvlane.router.admin;

import io.kvlane.router.telemetry.Insight;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this region's routers remember of their requests, and the way to other regions' routers,
 * which remember theirs.
 *
 * @param here this region's
 * @param names the other regions
 * @param others the way to a router of another region, by its name; null if there is none
 */
public record RegionInsight(
    Insight here, Supplier<Set<String>> names, Function<String, @Nullable Remote> others) {}
