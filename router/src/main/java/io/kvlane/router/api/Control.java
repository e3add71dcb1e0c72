package io.kvlane.router.api;

import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.RouterStatus;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.function.Supplier;

/**
 * What requests, and other regions' routers, need of the control plane.
 *
 * @param policies by which requests are served
 * @param routers what the region's routers say of the policies that they serve
 * @param revision those of this router, as text
 * @param admin answers what other regions' operators ask for here
 * @param audit takes lines of the audit log from other regions' routers
 */
public record Control(
    Policies policies,
    Supplier<List<RouterStatus>> routers,
    Supplier<Buffer> revision,
    Handler<HttpServerRequest> admin,
    Audit audit) {
  /** Takes a line of the audit log. */
  @FunctionalInterface
  public interface Audit {
    /**
     * Never blocks.
     *
     * @param region from which it comes
     * @return whether it was taken
     */
    boolean take(String region, Buffer line);
  }
}
