package io.kvlane.router.admin;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** The way to a router that has the policy store. Safe for any thread. */
public interface Remote {
  /**
   * A request as it came, for that router to judge: it asks for the key again.
   *
   * @param uri path and query
   */
  record Ask(String method, String uri, MultiMap headers, Buffer body) {
    /** Leaves headers and body out: the key is among them. */
    @Override
    public String toString() {
      return method + ' ' + uri;
    }
  }

  /** What it answered. */
  record Reply(int status, MultiMap headers, Buffer body) {}

  /** Sends it there. Fails with {@link RemoteException}. */
  Future<Reply> send(Ask ask);
}
