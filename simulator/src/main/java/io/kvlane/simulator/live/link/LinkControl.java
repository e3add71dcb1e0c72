package io.kvlane.simulator.live.link;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Listens on loopback for what links are to do: {@code GET /links} (JSON, or text for {@code
 * accept: text/plain}) and {@code POST /links/FROM/TO} with {@code state} (up, cut, one-way, down),
 * {@code roundTripMs} and {@code jitterMs} in the query. Answers 400 to what it does not
 * understand.
 */
final class LinkControl {
  private static final String STATES = "expected: up, cut, one-way or down";

  private final Links links;

  private LinkControl(Links links) {
    this.links = links;
  }

  /**
   * Begins to listen.
   *
   * @param port on 127.0.0.1, 0 for any free one
   */
  static Future<HttpServer> start(Vertx vertx, Links links, int port) {
    LinkControl control = new LinkControl(links);
    return vertx.createHttpServer().requestHandler(control::handle).listen(port, "127.0.0.1");
  }

  private void handle(HttpServerRequest request) {
    String[] path = request.path().split("/", -1);
    if (HttpMethod.GET.equals(request.method()) && request.path().equals("/links")) {
      String accept = request.getHeader("accept");
      if (accept != null && accept.startsWith("text/plain")) {
        answer(request, 200, "text/plain", links.table());
      } else {
        answer(request, 200, "application/json", links.json().encodePrettily() + "\n");
      }
    } else if (HttpMethod.POST.equals(request.method())
        && path.length == 4
        && path[1].equals("links")) {
      change(request, path[2], path[3]);
    } else {
      answer(request, 404, "text/plain", "expected: GET /links or POST /links/FROM/TO\n");
    }
  }

  private void change(HttpServerRequest request, String from, String to) {
    if (!links.join(from, to)) {
      answer(request, 404, "text/plain", "no link between " + from + " and " + to + "\n");
      return;
    }
    try {
      String roundTrip = request.getParam("roundTripMs");
      if (roundTrip != null) {
        links.distance(from, to, Links.roundTrip(LinkSpec.millis("roundTripMs", roundTrip)));
      }
      String jitter = request.getParam("jitterMs");
      if (jitter != null) {
        links.distance(from, to, Links.jitter(LinkSpec.millis("jitterMs", jitter)));
      }
      state(from, to, request.getParam("state"))
          .onSuccess(ignored -> answer(request, 200, "text/plain", links.table()))
          .onFailure(e -> answer(request, 500, "text/plain", e.getMessage() + "\n"));
    } catch (IllegalArgumentException e) {
      answer(request, 400, "text/plain", e.getMessage() + "\n");
    }
  }

  private Future<Void> state(String from, String to, @Nullable String state) {
    return switch (state) {
      case null -> Future.succeededFuture();
      case "up" -> links.state(from, to, LinkState.UP);
      case "cut" -> links.state(from, to, LinkState.CUT);
      case "down" -> links.state(from, to, LinkState.DOWN);
      case "one-way" -> links.oneWay(from, to);
      default -> throw new IllegalArgumentException("state: " + state + " (" + STATES + ")");
    };
  }

  private static void answer(HttpServerRequest request, int status, String type, String body) {
    request.response().setStatusCode(status).putHeader("content-type", type).end(body);
  }
}
