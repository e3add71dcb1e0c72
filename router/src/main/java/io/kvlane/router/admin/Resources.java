package io.kvlane.router.admin;

import io.kvlane.locality.log.DrainState.Action;
import io.kvlane.router.routing.Operations;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replicas, pools and regions as they are seen, and what can be ordered for them. */
final class Resources {
  private static final Logger log = LoggerFactory.getLogger(Resources.class);

  private final Operations operations;

  Resources(Operations operations) {
    this.operations = operations;
  }

  /**
   * The answer's body, to be written as JSON.
   *
   * @param actor who asks, for the log
   */
  Future<Object> answer(HttpMethod method, String rawPath, String actor) {
    boolean post = method.equals(HttpMethod.POST);
    if (!post && !method.equals(HttpMethod.GET)) {
      throw AdminException.methodNotAllowed("GET or POST");
    }
    ResourcePath path = ResourcePath.of(rawPath, post);
    String name = path.name();
    Action action = path.action();
    if (name == null) {
      if (post) {
        throw AdminException.methodNotAllowed("GET");
      }
      return Future.succeededFuture(Map.of(path.collection(), all(path)));
    }
    if (action == null) {
      return Future.succeededFuture(one(path, name));
    }
    return operations
        .give(path.kind(), name, action)
        .map(
            given -> {
              log.info("Key {} has ordered for {} {}: {}", actor, path.kind(), name, action);
              return one(path, name);
            });
  }

  private List<? extends Operations.Report> all(ResourcePath path) {
    return switch (path.kind()) {
      case REPLICA -> operations.replicas();
      case POOL -> operations.pools();
      case REGION -> operations.regions();
    };
  }

  private Operations.Report one(ResourcePath path, String name) {
    return all(path).stream()
        .filter(report -> report.id().equals(name))
        .findFirst()
        .orElseThrow(
            () -> AdminException.notFound(path.collection() + "/" + name + " is not known."));
  }
}
