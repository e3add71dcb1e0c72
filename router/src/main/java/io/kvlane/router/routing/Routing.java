package io.kvlane.router.routing;

import io.vertx.core.Future;
import java.util.List;

/** Chooses the replica for each request of this router. Safe for any thread. */
public interface Routing {
  /** What the region's engines serve, sorted; the answer to {@code GET /v1/models}. */
  List<String> models();

  /**
   * Requests for {@code model} that the healthy replicas may run at once, as configured; 0 if none
   * is healthy. Admission queues what exceeds it.
   */
  int capacity(String model);

  /**
   * Decides where a request should go. Completes on the calling context, usually at once; with
   * token keys after the engine has tokenized the prompt, within the configured limit.
   *
   * <p>Fails with {@link RoutingException} if no replica serves the model.
   */
  Future<Route> route(RequestFacts facts);
}
