package io.kvlane.router.policy;

/** Something by which operators steer the router; a part of a revision. */
public sealed interface Resource permits Policy, PoolSpec, TenantSpec, KeySpec, Canary {
  /** Its name among its kind: 1 to 63 of {@code a-z 0-9 -}, beginning with a letter. */
  String id();

  /** What it is and what it is called. */
  default ResourceKey key() {
    Kind kind =
        switch (this) {
          case Policy _ -> Kind.POLICY;
          case PoolSpec _ -> Kind.POOL;
          case TenantSpec _ -> Kind.TENANT;
          case KeySpec _ -> Kind.KEY;
          case Canary _ -> Kind.CANARY;
        };
    return new ResourceKey(kind, id());
  }
}
