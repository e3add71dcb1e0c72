package io.kvlane.simulator.live.load;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/** What is asked, and when. Can be run more than once and asks the same every time. */
interface Workload {

  /** Requests in all. */
  int size();

  /** How it is made, for the report. */
  String describe();

  /**
   * Runs it on the current event loop.
   *
   * @param outcomes hears of every request
   * @return completed when the last request is over
   */
  Future<Void> run(Vertx vertx, LoadClient client, Consumer<Outcome> outcomes);
}
