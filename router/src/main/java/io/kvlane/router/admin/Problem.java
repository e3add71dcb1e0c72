package io.kvlane.router.admin;

import com.hazelcast.core.HazelcastException;
import io.kvlane.router.routing.OperationException;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.TimeoutException;

/**
 * An error as operators get it, RFC 9457. Its type is {@code about:blank}: there is no more to it
 * than the status says.
 */
record Problem(String title, int status, String detail) {
  /** Every exception's status is decided here. */
  static Problem of(Throwable e) {
    return switch (e) {
      case AdminException own -> of(own.status(), String.valueOf(own.getMessage()));
      case OperationException order ->
          of(
              switch (order.reason()) {
                case UNKNOWN -> 404;
                case OTHER_REGION -> 421;
              },
              String.valueOf(order.getMessage()));
      case TimeoutException late ->
          of(503, "The region's cluster did not answer in time; the order may yet be carried out.");
      case HazelcastException broken -> of(503, "The region's cluster cannot be used now.");
      default -> of(500, "The router failed; its log says why.");
    };
  }

  private static Problem of(int status, String detail) {
    return new Problem(HttpResponseStatus.valueOf(status).reasonPhrase(), status, detail);
  }
}
