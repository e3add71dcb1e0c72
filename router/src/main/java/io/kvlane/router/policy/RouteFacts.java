package io.kvlane.router.policy;

import java.util.Map;

/**
 * What a policy may ask of a request.
 *
 * @param model the model's name as the client sent it
 * @param tenant the tenant's name
 * @param route the path
 * @param headers by name in lower case
 */
public record RouteFacts(String model, String tenant, String route, Map<String, String> headers) {
  public RouteFacts {
    headers = Map.copyOf(headers);
  }

  /** Leaves the headers out: they are the client's. */
  @Override
  public String toString() {
    return "RouteFacts[" + model + ", " + tenant + ", " + route + ']';
  }
}
