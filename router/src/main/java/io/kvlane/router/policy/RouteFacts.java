package io.kvlane.router.policy;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a policy may ask of a request.
 *
 * @param model the model's name as the client sent it
 * @param tenant the tenant's name
 * @param route the path
 * @param headers a header's value by its name in lower case, null for none
 */
public record RouteFacts(
    String model, String tenant, String route, Function<String, @Nullable String> headers) {
  /** Leaves the headers out: they are the client's. */
  @Override
  public String toString() {
    return "RouteFacts[" + model + ", " + tenant + ", " + route + ']';
  }
}
