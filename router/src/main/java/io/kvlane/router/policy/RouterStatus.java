package io.kvlane.router.policy;

import org.jspecify.annotations.Nullable;

/**
 * What a router says of the revision that it serves. Travels as JSON; readers ignore fields that
 * they do not know.
 *
 * @param router its name, unique in its region
 * @param revision that it serves
 * @param refused the newer one that it does not serve, or serves but could not save; 0 for none
 * @param problem why, empty for none
 * @param confirmedAt when it last knew that its revision is the newest, milliseconds since 1970
 * @param arms what it has seen of the canary that is under way; null if there is none
 */
public record RouterStatus(
    String region,
    String router,
    long revision,
    long refused,
    String problem,
    long confirmedAt,
    Arms.@Nullable Report arms) {}
