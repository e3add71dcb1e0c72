package io.kvlane.router.admin;

import io.kvlane.router.config.RouterConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets in whoever shows a key, or a token of the OpenID provider. Safe for any thread. */
public final class Callers {
  /** Only tokens can block, and only while the provider is asked for its keys. */
  private static final int THREADS = 2;

  private static final Duration BETWEEN = Duration.ofSeconds(10);

  private final ApiKeys keys;
  private final @Nullable OidcTokens tokens;
  private final WorkerExecutor workers;

  /**
   * @param provider without an issuer if there is none
   */
  public Callers(Vertx vertx, ApiKeys keys, RouterConfig.Oidc provider) {
    this.keys = keys;
    this.tokens = provider.enabled() ? new OidcTokens(provider, BETWEEN) : null;
    this.workers = vertx.createSharedWorkerExecutor("kvlane-tokens", THREADS);
  }

  /**
   * Who asks. Fails with an {@link ApiProblem} if that is nobody, or nobody any longer.
   *
   * @param authorization the header, null if there is none
   */
  Future<ApiKey> of(@Nullable String authorization) {
    String shown = ApiKeys.bearer(authorization);
    Optional<ApiKey> known = keys.of(shown);
    OidcTokens provider = tokens;
    if (known.isEmpty() && provider != null && OidcTokens.looksLikeOne(shown)) {
      return workers
          .executeBlocking(() -> provider.of(shown), false)
          .compose(found -> answer(found));
    }
    return answer(known);
  }

  private static Future<ApiKey> answer(Optional<ApiKey> found) {
    return found
        .map(Future::succeededFuture)
        .orElseGet(
            () ->
                Future.failedFuture(
                    ApiProblem.of(401, "unauthorized", "Show a key: Authorization: Bearer KEY.")));
  }
}
