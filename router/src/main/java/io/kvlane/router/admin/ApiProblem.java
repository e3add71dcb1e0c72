package io.kvlane.router.admin;

import com.hazelcast.core.HazelcastException;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.StoreUnavailable;
import io.kvlane.router.routing.OperationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An error as its receiver gets it, RFC 9457, with the fields that are wrong. */
final class ApiProblem extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final Logger log = LoggerFactory.getLogger(ApiProblem.class);

  private final int status;
  private final String code;
  private final transient @Nullable String etag;
  private final transient List<FieldError> errors;

  /** Whether the audit log knows of it. */
  private boolean logged;

  private ApiProblem(
      int status, String code, String detail, @Nullable String etag, List<FieldError> errors) {
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.etag = etag;
    this.errors = List.copyOf(errors);
  }

  static ApiProblem of(int status, String code, String detail, FieldError... errors) {
    return new ApiProblem(status, code, detail, null, List.of(errors));
  }

  static ApiProblem notFound() {
    return of(404, "not-found", "There is no such thing.");
  }

  static ApiProblem invalid(List<FieldError> errors) {
    return new ApiProblem(422, "invalid", "The request's body is not valid.", null, errors);
  }

  /** Every exception's status is decided here. */
  static ApiProblem of(Throwable e) {
    return switch (e) {
      case ApiProblem own -> own;
      case Refused refused -> {
        ApiProblem problem = of(refused);
        problem.logged = true; // by the store
        yield problem;
      }
      case StoreUnavailable store -> of(store);
      case RemoteException remote -> of(remote);
      case OperationException order ->
          switch (order.reason()) {
            case UNKNOWN -> of(404, "not-found", String.valueOf(order.getMessage()));
            case OTHER_REGION -> of(421, "other-region", String.valueOf(order.getMessage()));
          };
      case TimeoutException late ->
          of(
              503,
              "cluster-unavailable",
              "The region's cluster did not answer in time; the order may yet be carried out.");
      case HazelcastException broken ->
          of(503, "cluster-unavailable", "The region's cluster cannot be used now.");
      default -> of(500, "internal", "The router failed; its log says why.");
    };
  }

  private static ApiProblem of(StoreUnavailable store) {
    log.warn("The policy store does not answer", store);
    return store.outcomeUnknown()
        ? of(503, "outcome-unknown", "The policy store broke off; read before you write again.")
        : of(503, "policy-store-unavailable", "The policy store does not answer; nothing is done.");
  }

  private static ApiProblem of(RemoteException remote) {
    String code =
        switch (remote.reason()) {
          case REGION_UNREACHABLE -> "control-region-unreachable";
          case OWNER_UNREACHABLE -> "policy-store-unavailable";
          case UNKNOWN -> "outcome-unknown";
        };
    return of(503, code, String.valueOf(remote.getMessage()));
  }

  private static ApiProblem of(Refused refused) {
    String detail = String.valueOf(refused.getMessage());
    return switch (refused.reason()) {
      case PRECONDITION_REQUIRED ->
          new ApiProblem(428, "precondition-required", detail, null, refused.errors());
      case STALE -> new ApiProblem(412, "stale", detail, refused.etag(), refused.errors());
      case NOT_FOUND -> notFound();
      case INVALID -> new ApiProblem(422, "invalid", detail, null, refused.errors());
      case FORBIDDEN -> of(403, "forbidden", detail);
      case ROLLOUT -> of(409, "rollout-in-progress", detail);
      case KEY_REUSED -> of(422, "idempotency-key-reused", detail);
      case STORE_BEHIND -> of(409, "store-behind", detail);
    };
  }

  /** The same as the audit log knows refusals. */
  Refused refused() {
    Refused.Reason reason =
        status == 403
            ? Refused.Reason.FORBIDDEN
            : status == 404 ? Refused.Reason.NOT_FOUND : Refused.Reason.INVALID;
    FieldError[] fields = errors.toArray(FieldError[]::new);
    return Refused.because(reason, String.valueOf(getMessage()), fields);
  }

  /** The same for somebody who must not learn of resources that are not their own. */
  ApiProblem withoutForeign() {
    List<FieldError> own = errors.stream().filter(error -> !error.path().isEmpty()).toList();
    return new ApiProblem(status, code, String.valueOf(getMessage()), etag, own);
  }

  boolean logged() {
    return logged;
  }

  String code() {
    return code;
  }

  int status() {
    return status;
  }

  @Nullable String etag() {
    return etag;
  }

  Map<String, Object> body(String title) {
    Map<String, Object> body = new TreeMap<>();
    body.put("title", title);
    body.put("status", status);
    body.put("code", code);
    body.put("detail", String.valueOf(getMessage()));
    if (!errors.isEmpty()) {
      body.put("errors", errors);
    }
    return body;
  }
}
