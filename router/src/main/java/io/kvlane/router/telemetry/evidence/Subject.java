package io.kvlane.router.telemetry.evidence;

import io.kvlane.router.policy.KnownHeaders;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which request it is about; nothing of its prompt.
 *
 * @param traceId of the client's W3C trace, empty for none
 * @param forwarded whether another region's router has sent it
 * @param model the model's name as the client sent it
 * @param tenant the tenant's name, empty for nobody in particular
 * @param path of the API
 * @param policy the policy's name
 * @param revision of which the policy is
 * @param consistency the policy's side of the CAP choice
 * @param headers what policies may ask of it
 * @param regions where it may be served, whatever policies say; null for anywhere
 */
public record Subject(
    String requestId,
    String traceId,
    boolean forwarded,
    String model,
    String tenant,
    String path,
    String policy,
    long revision,
    String consistency,
    KnownHeaders headers,
    @Nullable Set<String> regions) {
  private static final int MOST_MODEL = 256;

  public Subject {
    if (model.length() > MOST_MODEL) {
      model = model.substring(0, MOST_MODEL);
    }
  }
}
