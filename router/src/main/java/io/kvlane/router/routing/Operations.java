package io.kvlane.router.routing;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.kvlane.locality.log.DrainState;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What operators see of this router's region, and what they may order. Safe for any thread. */
public interface Operations {
  /** The region's replicas, and those that are gone though an order stands for them. */
  List<ReplicaReport> replicas();

  /** The region's pools, by model, likewise. */
  List<PoolReport> pools();

  /** This region, then the others as they are configured. */
  List<RegionReport> regions();

  /**
   * Gives an order to all routers of the region. When the future completes, it holds at this one;
   * the others follow within a second. Repeats change nothing.
   *
   * <p>Fails with {@link OperationException} if there is no such replica or pool, or if the region
   * is not this one.
   */
  Future<Void> give(DrainState.Kind kind, String name, DrainState.Action action);

  /**
   * The part of the copies of blocks in this region that are dispensable, since another replica has
   * one too, 0 to 1.
   */
  double duplicates();

  /** Replicas of this region that hold the block of that key. */
  int holders(long blockKey);

  /** What serves requests now, in this region and in those that answer. */
  List<RegionFleet> fleet();

  /**
   * What a region has for a model.
   *
   * @param region its name; the first one told is this router's
   * @param replicas those that are healthy
   * @param msPerToken prefill time per uncached token, as measured
   * @param cacheTokens of one replica's cache, 0 if that is not known
   */
  record RegionFleet(
      String region,
      double roundTripMs,
      String model,
      int replicas,
      double msPerToken,
      long cacheTokens) {}

  /** What is seen of a part. */
  interface Report {
    /** Its name. */
    String id();
  }

  /**
   * What was ordered.
   *
   * @param action {@code none}, {@code drain}, {@code evacuate} or {@code resume}
   * @param since when, in ISO 8601; null for none
   * @param share of its requests that it takes while others can take them, 0 to 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Service(String action, @Nullable String since, double share) {}

  /**
   * A replica.
   *
   * @param requests in flight there, of all routers
   * @param waitingMs time that prompts which wait there take to be computed
   */
  record ReplicaReport(
      String id,
      String url,
      List<String> models,
      boolean healthy,
      int requests,
      double waitingMs,
      Cache cache,
      Service service)
      implements Report {}

  /**
   * What is known of a replica's cache.
   *
   * @param epoch of its present life
   * @param blocks in the index
   * @param evictedBlocks that it gave up in this life, as its KV events tell
   * @param tokens in it, 0 if only text keys tell of it
   * @param capacityTokens 0 if that is not known
   * @param fillRatio 0 to 1, 0 if that is not known
   */
  record Cache(
      long epoch,
      long blocks,
      long evictedBlocks,
      long tokens,
      long capacityTokens,
      double fillRatio) {
    static final Cache UNKNOWN = new Cache(0, 0, 0, 0, 0, 0);
  }

  /**
   * A pool.
   *
   * @param id the model
   * @param requests in flight at its replicas, of all routers
   */
  record PoolReport(String id, int replicas, int healthyReplicas, int requests, Service service)
      implements Report {}

  /**
   * A region.
   *
   * @param local whether it is this router's
   * @param reachable whether a router of it answers
   * @param roundTripMs network time to it and back
   * @param healthyReplicas that it has, as it says
   * @param digestAgeSeconds age of what is known of its caches; -1 for nothing
   * @param service of another region only the share that it may get from here
   */
  record RegionReport(
      String id,
      boolean local,
      boolean reachable,
      double roundTripMs,
      int healthyReplicas,
      double digestAgeSeconds,
      Service service)
      implements Report {}
}
