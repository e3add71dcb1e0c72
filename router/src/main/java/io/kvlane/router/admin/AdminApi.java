package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.Kind;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Refused;
import io.kvlane.router.policy.ResourceJson;
import io.kvlane.router.policy.StoreUnavailable;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything below {@code /admin}, for the listener for operators. A request is checked against the
 * OpenAPI document, then handed to a service on a worker thread. Safe for any thread.
 */
public final class AdminApi {
  private static final Logger log = LoggerFactory.getLogger(AdminApi.class);
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int MAX_UNDER_WAY = 256;

  private final ApiDescription description = new ApiDescription();
  private final Map<String, Service> services = new HashMap<>();
  private final ApiKeys keys;
  private final RateLimit limit;
  private final Policies policies;
  private final WriteService writes;
  private final WorkerExecutor workers;
  private final AtomicInteger underWay = new AtomicInteger();

  private interface Service {
    ApiAnswer answer(ApiCall call) throws Refused;
  }

  /**
   * @param perSecond requests per key in the long run; twice as many at once
   */
  public AdminApi(
      Vertx vertx,
      PolicyStore store,
      Policies policies,
      ChangeDecider decider,
      ApiKeys keys,
      double perSecond,
      LongSupplier nanos) {
    this.keys = keys;
    this.policies = policies;
    this.limit = new RateLimit(perSecond, (int) Math.ceil(2 * perSecond), nanos);
    this.workers = vertx.createSharedWorkerExecutor("kvlane-admin", 8);
    this.writes = new WriteService(store);
    resources(new ResourceService(store, decider, writes));
    var revisions = new RevisionService(store, decider, writes);
    var audit = new AuditService(store);
    var live = new LiveService(policies);
    services.put("createChangeset", new ChangeSetService(decider, writes)::create);
    services.put("listRevisions", revisions::list);
    services.put("getRevision", revisions::get);
    services.put("diffRevisions", revisions::diff);
    services.put("rollback", revisions::rollback);
    services.put("listAudit", audit::list);
    services.put("verifyAudit", audit::verify);
    services.put("resolve", live::resolve);
    services.put("getStatus", call -> live.status());
    services.put("getOpenapi", call -> ApiAnswer.ok(description.document().getMap()));
    var described = new TreeSet<String>();
    description.operations().forEach(operation -> described.add(operation.id()));
    if (!described.equals(services.keySet())) {
      throw new IllegalStateException("openapi.yaml describes " + described);
    }
  }

  private void resources(ResourceService service) {
    Map<Kind, String> names =
        Map.of(Kind.POLICY, "Policy", Kind.POOL, "Pool", Kind.TENANT, "Tenant");
    Map<Kind, String> plurals =
        Map.of(Kind.POLICY, "Policies", Kind.POOL, "Pools", Kind.TENANT, "Tenants");
    for (Kind kind : Kind.values()) {
      services.put("list" + plurals.get(kind), call -> service.list(call, kind));
      services.put("get" + names.get(kind), call -> service.get(call, kind));
      services.put("put" + names.get(kind), call -> service.put(call, kind));
      services.put("patch" + names.get(kind), call -> service.patch(call, kind));
      services.put("delete" + names.get(kind), call -> service.delete(call, kind));
    }
  }

  /** Answers a request whose path begins with {@code /admin}. */
  public void handle(HttpServerRequest request) {
    try {
      ApiKey caller =
          keys.of(request.getHeader("Authorization"))
              .orElseThrow(
                  () ->
                      ApiProblem.of(401, "unauthorized", "Show a key: Authorization: Bearer KEY."));
      if (!limit.allows(caller.id())) {
        throw ApiProblem.of(429, "rate-limited", "Too many requests with this key.");
      }
      ApiCall call = call(request, caller);
      read(request, call.operation())
          .compose(bytes -> work(call, bytes))
          .onSuccess(answer -> send(request, answer))
          .onFailure(e -> fail(request, caller, e));
    } catch (RuntimeException e) {
      fail(request, null, e);
    }
  }

  /** Finds the operation and checks all but the body. */
  private ApiCall call(HttpServerRequest request, ApiKey caller) {
    String path = request.path() == null ? "" : request.path();
    TreeSet<String> methods = new TreeSet<>();
    for (Operation operation : description.operations()) {
      Map<String, String> inPath = operation.match(path);
      if (inPath == null) {
        continue;
      }
      methods.add(operation.method());
      if (!operation.method().equals(request.method().name())) {
        continue;
      }
      Map<String, String> query = query(request);
      List<FieldError> errors = new ArrayList<>(operation.check(inPath, "path"));
      errors.addAll(operation.check(query, "query"));
      if (!errors.isEmpty()) {
        throw ApiProblem.of(
            400, "bad-parameter", "A parameter is wrong.", errors.toArray(FieldError[]::new));
      }
      String line = operation.method() + ' ' + path;
      return new ApiCall(operation, line, caller, inPath, query, request.headers(), null);
    }
    if (methods.isEmpty()) {
      throw ApiProblem.notFound();
    }
    request.response().putHeader("Allow", String.join(", ", methods));
    throw ApiProblem.of(405, "method-not-allowed", "Here go " + String.join(", ", methods) + '.');
  }

  private static Map<String, String> query(HttpServerRequest request) {
    Map<String, String> query = new HashMap<>();
    MultiMap parameters;
    try {
      parameters = request.params();
    } catch (IllegalArgumentException e) {
      throw ApiProblem.of(400, "bad-parameter", "The query cannot be decoded.");
    }
    for (Map.Entry<String, String> parameter : parameters) {
      if (query.put(parameter.getKey(), parameter.getValue()) != null) {
        throw ApiProblem.of(
            400,
            "bad-parameter",
            "A parameter is wrong.",
            new FieldError(parameter.getKey(), "given twice"));
      }
    }
    return query;
  }

  private static Future<Buffer> read(HttpServerRequest request, Operation operation) {
    String type = request.getHeader("Content-Type");
    String wanted = operation.mediaType();
    if (!wanted.isEmpty() && (type == null || !type.split(";", 2)[0].strip().equals(wanted))) {
      throw ApiProblem.of(415, "unsupported-media-type", "The body must be " + wanted + '.');
    }
    Buffer whole = Buffer.buffer();
    Promise<Buffer> promise = Promise.promise();
    request.exceptionHandler(promise::tryFail);
    request.endHandler(end -> promise.tryComplete(whole));
    request.handler(
        part -> {
          if (whole.length() + part.length() <= MAX_BODY_BYTES) {
            whole.appendBuffer(part);
          } else {
            promise.tryFail(
                ApiProblem.of(413, "too-large", "At most " + MAX_BODY_BYTES + " bytes."));
          }
        });
    return promise.future();
  }

  private Future<ApiAnswer> work(ApiCall call, Buffer bytes) {
    if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
      underWay.decrementAndGet();
      return Future.failedFuture(ApiProblem.of(503, "busy", "Too many requests are under way."));
    }
    return workers
        .executeBlocking(() -> answer(call, bytes), false)
        .onComplete(done -> underWay.decrementAndGet());
  }

  private ApiAnswer answer(ApiCall call, Buffer bytes) {
    try {
      Operation operation = call.operation();
      if (!call.caller().may(operation.role())) {
        throw ApiProblem.of(403, "forbidden", "This needs the role " + operation.role() + '.');
      }
      Service service = requireNonNull(services.get(operation.id()));
      return service.answer(call.with(body(operation, bytes)));
    } catch (Refused e) {
      throw ApiProblem.of(e);
    } catch (ApiProblem e) {
      writes.logRefusal(call, e);
      throw e;
    }
  }

  private static @Nullable JsonNode body(Operation operation, Buffer bytes) {
    Schema schema = operation.body();
    if (schema == null) {
      return null;
    }
    try {
      String text = bytes.toString(UTF_8);
      JsonNode body = ResourceJson.parse(text);
      if (!body.isObject()) {
        throw ApiProblem.of(400, "bad-json", "The body is not a JSON object.");
      }
      List<FieldError> errors = schema.check(new JsonObject(text));
      if (!errors.isEmpty()) {
        throw ApiProblem.invalid(errors);
      }
      return body;
    } catch (InvalidResource e) {
      throw ApiProblem.of(400, "bad-json", "The body is " + e.errors().getFirst().message());
    } catch (DecodeException e) {
      throw ApiProblem.of(400, "bad-json", "The body is not JSON.");
    }
  }

  private void fail(HttpServerRequest request, @Nullable ApiKey caller, Throwable e) {
    ApiProblem problem =
        switch (e) {
          case ApiProblem known -> known;
          case StoreUnavailable store -> unavailable(store);
          default -> {
            log.error("The admin API failed", e);
            yield ApiProblem.of(500, "internal", "The router failed; its log says why.");
          }
        };
    if (caller != null && caller.scoped()) {
      problem = problem.withoutForeign();
    }
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (problem.status() == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    if (problem.status() == 429 || problem.status() == 503) {
      response.putHeader("Retry-After", "1");
    }
    if (problem.etag() != null) {
      response.putHeader("ETag", problem.etag());
    }
    String title = HttpResponseStatus.valueOf(problem.status()).reasonPhrase();
    send(response, problem.status(), "application/problem+json", Json.text(problem.body(title)));
  }

  private static ApiProblem unavailable(StoreUnavailable store) {
    log.warn("The policy store does not answer", store);
    return store.outcomeUnknown()
        ? ApiProblem.of(
            503, "outcome-unknown", "The policy store broke off; read before you write again.")
        : ApiProblem.of(
            503, "policy-store-unavailable", "The policy store does not answer; nothing is done.");
  }

  private void send(HttpServerRequest request, ApiAnswer answer) {
    answer.headers().forEach(request.response()::putHeader);
    send(request.response(), answer.status(), "application/json", answer.body());
  }

  private void send(HttpServerResponse response, int status, String type, String body) {
    if (status != 401) {
      response.putHeader("X-Config-Revision", "" + policies.current().revision());
    }
    response.setStatusCode(status).putHeader("Content-Type", type).end(body);
  }
}
