package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvlane.router.policy.Content;
import io.kvlane.router.policy.Decided;
import io.kvlane.router.policy.Digests;
import io.kvlane.router.policy.KeySpec;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceKey;
import io.kvlane.router.policy.State;
import io.kvlane.router.policy.WriteRequest;
import io.kvlane.router.policy.Written;
import io.kvlane.router.telemetry.Tracing;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What all writes have in common: who may, once only, only tried, and what is answered. */
final class WriteService {
  /** Says that an earlier, equal request did it. */
  static final String REPLAYED = "Idempotency-Replayed";

  /** Says that nothing was done. */
  static final String TRIED = "X-Validate-Only";

  private static final Pattern KEY = Pattern.compile("\"([ !#-~]{1,255})\"|([!#-~]{1,255})");

  private final PolicyStore store;
  private final Policies policies;
  private final Impact impact;
  private final Runnable written;

  /**
   * @param policies what this router serves
   * @param impact what a write that is only tried would do to requests
   * @param written told after each write that was done
   */
  WriteService(PolicyStore store, Policies policies, Impact impact, Runnable written) {
    this.store = store;
    this.policies = policies;
    this.impact = impact;
    this.written = written;
  }

  /** Computes what a write leads to. */
  @FunctionalInterface
  interface Decision {
    Decided on(State state) throws Refused;
  }

  /**
   * Writes, or only answers as if, with {@code validateOnly=true} (ADM-5).
   *
   * @param keys what is written, so that its ETags are answered
   * @param status if it is done; 0 for 201 if the one key is new, else 200
   */
  ApiAnswer write(ApiCall call, List<ResourceKey> keys, int status, Decision decision)
      throws Refused {
    call.requireAllRegions();
    PolicyStore.Decision full = state -> decide(call, keys, status, state, decision);
    if (call.validateOnly()) {
      return tried(call, full);
    }
    Written done = store.write(request(call, once(call)), full);
    written.run();
    return answer(done, done.replayed() ? Map.of(REPLAYED, "true") : Map.of());
  }

  /** The answer that the write would get. */
  private ApiAnswer tried(ApiCall call, PolicyStore.Decision decision) throws Refused {
    State state = store.current();
    PolicyStore.Outcome outcome;
    try {
      outcome = decision.on(state);
    } catch (Refused e) {
      logRefusal(request(call, null), e);
      throw e;
    }
    boolean changed = !outcome.decided().deltas().isEmpty();
    long number = state.revision() + (changed ? 1 : 0);
    Content next = outcome.decided().next();
    Written as = outcome.answer().of(new State(number, state.hash(), next));
    ApiAnswer answer = answer(as, Map.of(TRIED, "true"));
    if (!call.impact()) {
      return answer;
    }
    ObjectNode body = (ObjectNode) Json.parse(answer.body());
    body.set("impact", Json.tree(impact.of(state.content(), next, call.caller().tenants())));
    return answer.with(body);
  }

  private static ApiAnswer answer(Written written, Map<String, String> more) {
    Map<String, String> headers = new HashMap<>(more);
    if (!written.etag().isEmpty()) {
      headers.put("ETag", written.etag());
    }
    return ApiAnswer.of(written.status(), headers, written.body());
  }

  private PolicyStore.Outcome decide(
      ApiCall call, List<ResourceKey> keys, int status, State state, Decision decision)
      throws Refused {
    requireWhole(state);
    for (ResourceKey key : keys) {
      Content.Item item = state.content().get(key);
      if (!call.mayKnow(key, item)) {
        throw Refused.because(Refused.Reason.NOT_FOUND, "There is no " + key + '.');
      }
      requireOwnRights(call, item);
    }
    Decided decided = decision.on(state);
    for (Content.Delta delta : decided.deltas()) {
      Content.Item item = decided.next().get(delta.key());
      requireOwnRights(call, item);
      if (!call.mayKnow(delta.key(), item)) {
        throw Refused.because(
            Refused.Reason.FORBIDDEN, "This key is for policies that match its tenants only.");
      }
    }
    boolean created = keys.size() == 1 && state.content().get(keys.getFirst()) == null;
    int done = status > 0 ? status : created ? 201 : 200;
    return new PolicyStore.Outcome(decided, next -> written(keys, done, decided, next));
  }

  /**
   * What routers serve is above what the store has: a write would get a number that they know
   * already, be called live by them, and never be served.
   */
  private void requireWhole(State state) throws Refused {
    State served = policies.state();
    // A state that was read without a lock may have been overtaken since: then the store knows.
    if (state.hasLost(served) && store.current().hasLost(served)) {
      throw Refused.because(
          Refused.Reason.STORE_BEHIND,
          "The policy store is at revision "
              + state.revision()
              + ", and routers serve another one, "
              + served.revision()
              + ": it was restored from a backup. Run kvlane-router reconcile first.");
    }
  }

  /** Nobody comes to more rights by a key that they make, or change. */
  private static void requireOwnRights(ApiCall call, Content.@Nullable Item item) throws Refused {
    if (item != null && item.resource() instanceof KeySpec key && !call.mayGive(key)) {
      throw Refused.because(
          Refused.Reason.FORBIDDEN, "A key cannot give more rights than its maker's has.");
    }
  }

  private static Written written(List<ResourceKey> keys, int status, Decided decided, State next) {
    List<Map<String, Object>> resources = new ArrayList<>();
    for (ResourceKey key : keys) {
      Content.Item item = next.content().get(key);
      Map<String, Object> entry = new TreeMap<>();
      entry.put("name", key.toString());
      if (item != null) {
        entry.put("etag", item.etag());
        entry.put("resource", item.resource());
      }
      resources.add(entry);
    }
    Content.Item only = keys.size() == 1 ? next.content().get(keys.getFirst()) : null;
    Map<String, Object> body = new TreeMap<>();
    body.put("revision", next.revision());
    body.put("resources", resources);
    body.put("diff", decided.diff());
    String etag = only == null ? "" : only.etag();
    return new Written(status, etag, Json.text(body), next.revision(), false);
  }

  /** Logs a write that was refused before the store was asked, or that was only tried. */
  void logRefusal(WriteRequest write, Refused refused) {
    try {
      store.write(
          write,
          state -> {
            throw refused;
          });
    } catch (Refused expected) {
      if (expected != refused) {
        throw new IllegalStateException(expected);
      }
    }
  }

  private static WriteRequest request(ApiCall call, WriteRequest.@Nullable Once once) {
    String line = call.line() + (call.validateOnly() ? "?validateOnly=true" : "");
    return request(call.caller(), line, call.headers(), once);
  }

  /** A write as the audit log knows it. */
  static WriteRequest request(
      ApiKey caller, String line, MultiMap headers, WriteRequest.@Nullable Once once) {
    return new WriteRequest(caller.id(), line, ifMatch(headers), Tracing.traceId(headers), once);
  }

  private static String ifMatch(MultiMap headers) {
    return String.join(", ", headers.getAll("If-Match"));
  }

  private static WriteRequest.@Nullable Once once(ApiCall call) {
    List<String> values = call.headers().getAll("Idempotency-Key");
    if (values.isEmpty() || !call.operation().method().equals("POST")) {
      return null;
    }
    var matcher = KEY.matcher(values.getFirst().strip());
    if (values.size() > 1 || !matcher.matches()) {
      throw ApiProblem.of(
          400, "bad-idempotency-key", "Idempotency-Key: one of 1 to 255 visible characters.");
    }
    String key = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    String body = call.body() == null ? "" : Json.canonical(call.body());
    String fingerprint = Digests.sha256((ifMatch(call.headers()) + '\n' + body).getBytes(UTF_8));
    return new WriteRequest.Once(call.caller().id() + ' ' + call.line(), key, fingerprint);
  }
}
