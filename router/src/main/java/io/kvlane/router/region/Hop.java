package io.kvlane.router.region;

import io.vertx.core.http.HttpHeaders;

/** The way of one request to another region's router. */
public final class Hop {
  /** The header that carries {@link #pass}. */
  public static final CharSequence PASS = HttpHeaders.createOptimized("x-kvlane-link-pass");

  /** The header by which a router names the replica that answers; its own refusals lack it. */
  public static final CharSequence REPLICA = HttpHeaders.createOptimized("x-kvlane-replica");

  private final String region;
  private final Peer peer;
  private final String pass;

  Hop(String region, Peer peer, String pass) {
    this.region = region;
    this.peer = peer;
    this.pass = pass;
  }

  public String region() {
    return region;
  }

  public String host() {
    return peer.address().host();
  }

  public int port() {
    return peer.address().port();
  }

  /** What the request shows there; see {@link ForwardGuard}. */
  public String pass() {
    return pass;
  }

  /** The router did not serve it: it gets nothing more before it has answered a probe. */
  public void failed() {
    peer.suspect();
  }

  @Override
  public String toString() {
    return peer.toString();
  }
}
