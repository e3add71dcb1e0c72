package io.kvlane.router.admin;

import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Rollouts;
import io.kvlane.router.routing.Operations;
import org.jspecify.annotations.Nullable;

/**
 * What the admin API shows and changes.
 *
 * @param region this router's
 * @param router its name, unique in the region
 * @param store null if this router has none
 * @param remote how to reach a router that has it; null if there is none
 * @param operations null if there is nothing to operate
 * @param insight what routers remember of their requests
 * @param written told after each write that was done, on the thread that did it
 * @param trail into the audit log, for what is no write
 */
public record AdminParts(
    String region,
    String router,
    Policies policies,
    ChangeDecider decider,
    Rollouts rollouts,
    @Nullable PolicyStore store,
    @Nullable Remote remote,
    @Nullable Operations operations,
    RegionInsight insight,
    Runnable written,
    AuditTrail trail) {}
