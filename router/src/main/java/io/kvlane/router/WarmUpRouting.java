package io.kvlane.router;

import io.kvlane.router.routing.RequestFacts;
import io.kvlane.router.routing.Route;
import io.kvlane.router.routing.Routing;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Sends everything to one engine. */
record WarmUpRouting(String model, String host, int port) implements Routing {
  @Override
  public List<String> models() {
    return List.of(model);
  }

  @Override
  public int capacity(String name) {
    return 1000;
  }

  @Override
  public Future<Route> route(RequestFacts facts) {
    return Future.succeededFuture(new Only(new Try(host, port)));
  }

  private static final class Only implements Route {
    private Optional<Attempt> attempt;

    Only(Attempt attempt) {
      this.attempt = Optional.of(attempt);
    }

    @Override
    public String decision() {
      return "home";
    }

    @Override
    public Optional<Attempt> next() {
      Optional<Attempt> next = attempt;
      attempt = Optional.empty();
      return next;
    }
  }

  private record Try(String host, int port) implements Route.Attempt {
    @Override
    public String replica() {
      return "warm-up";
    }

    @Override
    public int predictedCachedTokens() {
      return 0;
    }

    @Override
    public void firstByte() {}

    @Override
    public void end(Route.Outcome outcome) {}
  }
}
