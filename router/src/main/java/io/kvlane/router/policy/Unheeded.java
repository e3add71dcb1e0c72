package io.kvlane.router.policy;

import java.util.List;

/**
 * What a resource may say by its form, but no router of this version heeds. It is refused when it
 * is written: nobody is to believe in a limit that does not hold.
 */
final class Unheeded {
  private Unheeded() {}

  static List<FieldError> of(Resource resource) {
    var checks = new Checks();
    switch (resource) {
      case Policy policy -> {
        if (policy.hedge().maxExtraPercent() > 0) {
          checks.refuse("/hedge/maxExtraPercent", "this version does not hedge (expected: 0)");
        }
        if (policy.quota().limit() > 0) {
          checks.refuse("/quota/limit", "this version keeps no quotas (expected: 0)");
        }
      }
      case PoolSpec pool -> {
        if (!pool.fallbackPool().isEmpty()) {
          checks.refuse(
              "/fallbackPool", "this version does not fall back to other models (expected: empty)");
        }
      }
      case Canary _ -> {}
      case TenantSpec tenant -> {
        if (tenant.weight() != 1) {
          checks.refuse("/weight", "this version serves all tenants alike (expected: 1)");
        }
        if (tenant.maxConcurrent() > 0) {
          checks.refuse("/maxConcurrent", "this version has no limit per tenant (expected: 0)");
        }
      }
      case KeySpec _ -> {}
    }
    return checks.errors();
  }
}
