package io.kvlane.router.admin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.kvlane.router.config.RouterConfig;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who shows a token of the OpenID provider that is configured: signed with RS256 or ES256 by
 * one of its keys, for this audience, of now. Safe for any thread; blocks when it has to ask the
 * provider for keys.
 */
final class OidcTokens {
  private static final Logger log = LoggerFactory.getLogger(OidcTokens.class);

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256);

  /** What a token of an access or identity kind calls itself; many say nothing. */
  private static final JOSEObjectType[] TYPES = {
    JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null
  };

  private static final Pattern FORM = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]*");
  private static final int MAX_SUBJECT = 150;

  private final RouterConfig.Oidc config;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  /**
   * @param config with an issuer
   * @param between how long to wait at least before the provider is asked again because a token
   *     names a key that is not known
   */
  OidcTokens(RouterConfig.Oidc config, Duration between) {
    this.config = config;
    JWKSource<SecurityContext> keys =
        JWKSourceBuilder.create(new ProviderKeys(config))
            .cache(Duration.ofMinutes(10).toMillis(), Duration.ofSeconds(5).toMillis())
            .rateLimited(between.toMillis())
            .refreshAheadCache(false)
            .outageTolerant(Duration.ofHours(4).toMillis())
            .build();
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(TYPES));
    var claims =
        new DefaultJWTClaimsVerifier<>(
            config.audience(),
            new JWTClaimsSet.Builder().issuer(config.issuer()).build(),
            Set.of("sub", "exp"));
    claims.setMaxClockSkew((int) config.leeway().toSeconds());
    processor.setJWTClaimsSetVerifier(claims);
  }

  /** Whether that could be a token at all. */
  static boolean looksLikeOne(String text) {
    return FORM.matcher(text).matches();
  }

  /**
   * Whose token this is; empty if it is not to be believed.
   *
   * @throws ApiProblem if it is, but gives no access
   */
  Optional<ApiKey> of(String token) {
    JWTClaimsSet claims;
    try {
      claims = processor.process(token, null);
    } catch (ParseException | BadJOSEException | RateLimitReachedException e) {
      log.debug("A token is not believed: {}", e.toString());
      return Optional.empty();
    } catch (JOSEException e) {
      log.warn("Tokens cannot be checked: {}", e.toString());
      return Optional.empty();
    }
    String subject = claims.getSubject();
    if (subject.isEmpty() || subject.length() > MAX_SUBJECT || !printable(subject)) {
      throw refused("sub");
    }
    return Optional.of(
        new ApiKey(
            "oidc:" + subject,
            "",
            role(claims),
            scope(claims, config.tenantsClaim()),
            scope(claims, config.regionsClaim()),
            claims.getExpirationTime().toInstant().plus(config.leeway())));
  }

  private static boolean printable(String text) {
    return text.chars().noneMatch(c -> c < ' ' || c == 0x7f);
  }

  /** The highest of those that the token names. */
  private ApiKey.Role role(JWTClaimsSet claims) {
    List<String> named = texts(claims, config.roleClaim());
    ApiKey.Role highest = null;
    for (ApiKey.Role role : ApiKey.Role.values()) {
      String name = config.rolePrefix() + role.name().toLowerCase(Locale.ROOT);
      if (named != null && named.contains(name)) {
        highest = role;
      }
    }
    if (highest == null) {
      throw refused(config.roleClaim());
    }
    return highest;
  }

  /** To what the token is limited; empty if it does not speak of that. */
  private Set<String> scope(JWTClaimsSet claims, String claim) {
    List<String> named = texts(claims, claim);
    if (named == null) {
      return Set.of();
    }
    if (named.isEmpty()) {
      throw refused(claim); // limited to nothing, which is not the same as not limited
    }
    return Set.copyOf(named);
  }

  /** The texts in a claim, which may be inside others ({@code realm_access.roles}). */
  private static @Nullable List<String> texts(JWTClaimsSet claims, String path) {
    Object value = claims.getClaims().get(path);
    if (value == null && path.contains(".")) {
      value = claims.getClaims();
      for (String name : path.split("\\.", -1)) {
        value = value instanceof Map<?, ?> map ? map.get(name) : null;
      }
    }
    return switch (value) {
      case null -> null;
      case String text -> List.of(text.split(" ", -1));
      case List<?> list -> {
        List<String> texts = new ArrayList<>();
        for (Object item : list) {
          if (!(item instanceof String text)) {
            throw refused(path);
          }
          texts.add(text);
        }
        yield texts;
      }
      default -> throw refused(path);
    };
  }

  private static ApiProblem refused(String claim) {
    return ApiProblem.of(
        403, "forbidden", "The token is good, but its claim " + claim + " gives no access here.");
  }
}
