package io.kvlane.router.region;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvlane.router.policy.RouterStatus;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a router says of its region to the routers of the others. Travels as JSON; readers ignore
 * fields that they do not know.
 *
 * @param region the region's name
 * @param router the router that says so
 * @param draining whether that router takes nothing new
 * @param ticket a part of what a forwarded request has to show, see {@link ForwardGuard}
 * @param models what the region serves
 * @param routers which policies the region's routers serve
 */
public record RegionState(
    String region,
    String router,
    boolean draining,
    String ticket,
    List<Model> models,
    List<RouterStatus> routers) {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public RegionState {
    models = List.copyOf(models);
    // Routers of an older version do not say.
    routers = List.copyOf(Objects.requireNonNullElse(routers, List.of()));
  }

  /**
   * Reads what a router of any version says.
   *
   * @throws IOException if it is no such thing
   */
  static RegionState read(byte[] json) throws IOException {
    RegionState state = JSON.readValue(json, RegionState.class);
    if (state == null || state.region == null || state.ticket == null) {
      throw new IOException("not what a router says of its region");
    }
    return state;
  }

  /** What is said of {@code model}; null if the region does not serve it. */
  public @Nullable Model model(String model) {
    for (Model served : models) {
      if (served.name.equals(model)) {
        return served;
      }
    }
    return null;
  }

  /**
   * A pool.
   *
   * @param name the model as clients call it
   * @param base the model that the engines run, of which {@code name} may be a LoRA adapter
   * @param blockSize tokens per block of the engines, 0 if unknown
   * @param replicas those that are healthy
   * @param spare requests that they may still run at once, below 0 if there are more already
   * @param waitingTokens prefill tokens that wait, per replica
   * @param busy share of time in which a replica has prefill to do, 0 to 1
   * @param msPerToken prefill time per uncached token
   * @param drained part of the key space, its end, that is to go elsewhere while it can, 0 to 1
   */
  public record Model(
      String name,
      String base,
      int blockSize,
      int replicas,
      int spare,
      double waitingTokens,
      double busy,
      double msPerToken,
      double drained) {}
}
