package io.kvlane.router.policy;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of resources. */
public enum Kind {
  POLICY("policies", "policy", Policy.class),
  POOL("pools", "pool", PoolSpec.class),
  TENANT("tenants", "tenant", TenantSpec.class),
  KEY("keys", "key", KeySpec.class),
  /** Comes and goes with rollouts; nobody writes it by itself. */
  CANARY("canaries", "canary", Canary.class);

  private final String collection;
  private final String word;
  private final Class<? extends Resource> type;

  Kind(String collection, String word, Class<? extends Resource> type) {
    this.collection = collection;
    this.word = word;
    this.type = type;
  }

  /** The plural, as in paths. */
  public String collection() {
    return collection;
  }

  /** The singular, for messages. */
  public String word() {
    return word;
  }

  Class<? extends Resource> type() {
    return type;
  }

  /** The kind whose plural this is. */
  public static Optional<Kind> ofCollection(String collection) {
    return Arrays.stream(values()).filter(kind -> kind.collection.equals(collection)).findFirst();
  }
}
