package io.kvlane.router.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.locality.prefix.ResidencyClass;
import io.kvlane.router.config.KeyHash;
import io.kvlane.router.config.RouterConfig;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Knows tenants by their API keys. Immutable; safe for any thread. */
public final class Tenants {
  private static final String HMAC = "HmacSHA256";

  private final boolean anonymous;
  private final Map<String, Tenant> byKey = new HashMap<>();

  public Tenants(RouterConfig.Access access, List<RouterConfig.Tenant> tenants) {
    anonymous = access.anonymous();
    for (RouterConfig.Tenant config : tenants) {
      Set<String> regions = new TreeSet<>(config.regions());
      Tenant tenant = new Tenant(config.name(), cacheSalt(config, regions), regions);
      config.keys().forEach(key -> byKey.put(key, tenant));
    }
  }

  /**
   * The salt's value itself goes nowhere: engines log requests, and events carry what they get. Its
   * mark tells whoever sees the cache entries which regions may hear of them.
   */
  private static String cacheSalt(RouterConfig.Tenant tenant, Set<String> regions) {
    if (tenant.salt().value().isEmpty()) {
      return "";
    }
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(tenant.salt().value().getBytes(UTF_8), HMAC));
      byte[] derived = mac.doFinal("kvlane cache salt".getBytes(UTF_8));
      String salt = Base64.getUrlEncoder().withoutPadding().encodeToString(derived);
      return ResidencyClass.mark(salt, ResidencyClass.ofRegions(regions));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Whose key this is.
   *
   * @param key null if none is shown
   * @return empty if the request must not be served
   */
  public Optional<Tenant> of(@Nullable String key) {
    Tenant tenant = key == null || byKey.isEmpty() ? null : byKey.get(KeyHash.of(key));
    return tenant != null
        ? Optional.of(tenant)
        : anonymous ? Optional.of(Tenant.ANYBODY) : Optional.empty();
  }
}
