package io.kvlane.router.routing;

import io.kvlane.locality.log.DigestDelta;
import io.kvlane.router.region.RegionState;
import io.vertx.core.Future;
import java.util.List;

/** Chooses the replica for each request of this router. Safe for any thread. */
public interface Routing {
  /** What can be served from here, sorted; the answer to {@code GET /v1/models}. */
  List<String> models();

  /**
   * Requests for {@code model} that may run at once: on the region's healthy replicas, as
   * configured, and what other regions have to spare; 0 if there are none. Admission queues what
   * exceeds it.
   */
  int capacity(String model);

  /** What the region's own replicas serve and how they fare, for the other regions' routers. */
  List<RegionState.Model> pools();

  /**
   * What another region's router needs to know of the caches here.
   *
   * @param region that asks; it is told what it may know
   * @param log life of the digest of which it has a version, 0 for none
   * @param from that version
   */
  Future<DigestDelta> digest(String region, long log, long from);

  /**
   * Decides where a request should go. Completes on the calling context, usually at once; with
   * token keys after the engine has tokenized the prompt, within the configured limit.
   *
   * <p>Fails with {@link RoutingException} if no replica serves the model.
   */
  Future<Route> route(RequestFacts facts);
}
