package io.kvlane.router.routing;

import io.kvlane.locality.digest.DigestLog;
import io.kvlane.locality.log.DigestDelta;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * This region's digest, for the routers of the others. The whole is made once for all who ask
 * within a few seconds: regions that come back together do not make it over and over. Safe for any
 * thread.
 */
final class DigestSource {
  /** Two minutes of a region that stores and evicts 30,000 blocks a second. */
  private static final int MEMORY = 1 << 21;

  private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Vertx vertx;
  private final LocalityMap map;
  private final RegionFeed feed;
  private final ResidencyRules rules;
  private final LongSupplier nanos;
  private final DigestLog log;
  private @Nullable Future<DigestLog.Whole> whole;
  private long wholeAt;

  /**
   * @param map told to keep the digest; must be empty as yet
   * @param feed whose thread changes the map
   * @param maxEntries blocks that the digest may consist of
   * @param text whether text keys are used at all
   */
  DigestSource(
      Vertx vertx,
      LocalityMap map,
      RegionFeed feed,
      ResidencyRules rules,
      long maxEntries,
      boolean text,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.map = map;
    this.feed = feed;
    this.rules = rules;
    this.nanos = nanos;
    this.log = new DigestLog(MEMORY, maxEntries, new SecureRandom()::nextLong);
    map.digest(log, text);
  }

  /** What a region's router that has a version of this router's digest needs. */
  Future<DigestDelta> read(String region, long life, long version) {
    LongPredicate may = key -> rules.may(region, key);
    return vertx
        .<@Nullable DigestDelta>executeBlocking(() -> log.since(life, version, may), false)
        .compose(
            delta ->
                delta != null
                    ? Future.succeededFuture(delta)
                    : whole().compose(all -> vertx.executeBlocking(() -> all.delta(may), false)));
  }

  private synchronized Future<DigestLog.Whole> whole() {
    Future<DigestLog.Whole> last = whole;
    long now = nanos.getAsLong();
    if (last == null || last.failed() || now - wholeAt > WHOLE_NANOS) {
      last = Future.fromCompletionStage(feed.ask(map::digest), vertx.getOrCreateContext());
      whole = last;
      wholeAt = now;
    }
    return last;
  }
}
