package io.kvlane.router.region;

import io.vertx.core.http.HttpHeaders;

/** The way of one request to another region's router. */
public final class Hop {
  /** With which all headers begin that are between routers only. */
  public static final String PREFIX = "x-kvlane-link-";

  /** The header that carries {@link #pass}. */
  public static final CharSequence PASS = HttpHeaders.createOptimized("x-kvlane-link-pass");

  /** The header that tells how many milliseconds the request has left for its first byte. */
  public static final CharSequence REMAINING =
      HttpHeaders.createOptimized("x-kvlane-link-remaining-ms");

  /** The header by which a router names the replica that answers; its own refusals lack it. */
  public static final CharSequence REPLICA = HttpHeaders.createOptimized("x-kvlane-replica");

  private final Peer peer;
  private final String pass;
  private final int timesGivenUp;

  Hop(Peer peer, String pass) {
    this.peer = peer;
    this.pass = pass;
    this.timesGivenUp = peer.timesGivenUp();
  }

  Peer peer() {
    return peer;
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

  /** Whether the router has fallen silent since: an answer that has not begun will not. */
  public boolean lost() {
    return peer.timesGivenUp() != timesGivenUp;
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
