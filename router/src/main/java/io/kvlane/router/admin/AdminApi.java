package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.kvlane.router.policy.FieldError;
import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.ResourceJson;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything below {@code /admin}, for the listener for operators and for other routers. A request
 * is checked against the OpenAPI document and answered here or, where that needs the policy store
 * and this router has none, by the router that has it. Safe for any thread.
 */
public final class AdminApi {
  private static final Logger log = LoggerFactory.getLogger(AdminApi.class);
  private static final String PROBLEM = "application/problem+json";
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int MAX_UNDER_WAY = 256;

  /** Tells through how many routers a request has come; it goes to a region, then to the owner. */
  static final String HOPS = "X-KVLane-Admin-Hops";

  private static final int MAX_HOPS = 2;

  /** How often a key's running into the rate limit is worth a line in the audit log. */
  private static final double NOTED_PER_SECOND = 1.0 / 60;

  /** How often strangers' requests are worth a line. */
  private static final long TALLY_MILLIS = 60_000;

  /** How long an answer waits for its line. */
  private static final long NOTE_MILLIS = 2_000;

  private final ApiDescription description = new ApiDescription();
  private final AdminParts parts;
  private final Callers callers;
  private final RateLimit limit;
  private final RateLimit noted;
  private final MeterRegistry registry;
  private final WorkerExecutor workers;
  private final @Nullable WriteService writes;
  private final Notes notes;
  private final Services services;
  private final PoolStatus pools;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param perSecond requests per key in the long run; twice as many at once
   * @param nanos a monotonic clock
   */
  public AdminApi(
      Vertx vertx,
      AdminParts parts,
      Callers callers,
      double perSecond,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.parts = parts;
    this.callers = callers;
    this.limit = new RateLimit(perSecond, (int) Math.ceil(2 * perSecond), nanos);
    this.noted = new RateLimit(NOTED_PER_SECOND, 1, nanos);
    this.registry = registry;
    this.workers = vertx.createSharedWorkerExecutor("kvlane-admin", 8);
    PolicyStore store = parts.store();
    var lastHour = new LastHour(parts.insight().here().evidence(), InstantSource.system());
    this.writes =
        store == null
            ? null
            : new WriteService(
                store, parts.policies(), new Impact(lastHour, parts.operations()), parts.written());
    String here = parts.region() + '/' + parts.router();
    this.notes = new Notes(parts.trail(), here, InstantSource.system());
    this.services = new Services(vertx, parts, description, workers, writes, notes, lastHour);
    this.pools = new PoolStatus(parts.operations());
    vertx.setPeriodic(TALLY_MILLIS, timer -> tally());
  }

  /** Tells the audit log how many strangers tried to write since this was done last. */
  void tally() {
    notes.tally();
  }

  /** Answers a request. */
  public void handle(HttpServerRequest request) {
    if (request.path() == null || !request.path().startsWith("/admin/")) {
      fail(request, null, ApiProblem.notFound());
      return;
    }
    request.pause();
    callers
        .of(request.getHeader("Authorization"))
        .onSuccess(caller -> admit(request, caller))
        .onFailure(e -> failUnread(request, null, e));
  }

  /** Answers what cannot be read as a request at all. */
  public static void unreadable(HttpServerRequest request) {
    ApiProblem problem =
        switch (request.decoderResult().cause()) {
          case TooLongHttpLineException e ->
              ApiProblem.of(414, "uri-too-long", "The request line is too long.");
          case TooLongHttpHeaderException e ->
              ApiProblem.of(431, "headers-too-large", "The headers are too large.");
          default -> ApiProblem.of(400, "bad-request", "This is not HTTP.");
        };
    request
        .response()
        .setStatusCode(problem.status())
        .putHeader("Content-Type", PROBLEM)
        .putHeader("Connection", "close")
        .end(Json.text(problem.body(title(problem))));
  }

  private static String title(ApiProblem problem) {
    return HttpResponseStatus.valueOf(problem.status()).reasonPhrase();
  }

  private void admit(HttpServerRequest request, ApiKey caller) {
    try {
      if (!limit.allows(caller.id())) {
        throw ApiProblem.of(429, "rate-limited", "Too many requests with this key.");
      }
      ApiCall call = call(request, caller);
      read(request)
          .compose(bytes -> bounded(() -> answer(request, call, bytes)))
          .onSuccess(answer -> send(request, answer))
          .onFailure(e -> fail(request, caller, e));
    } catch (RuntimeException e) {
      failUnread(request, caller, e);
    }
  }

  /** The body is of no interest then, but the connection has to go on. */
  private void failUnread(HttpServerRequest request, @Nullable ApiKey caller, Throwable e) {
    request.resume();
    fail(request, caller, e);
  }

  /** Finds the operation. */
  private ApiCall call(HttpServerRequest request, ApiKey caller) {
    String path = request.path();
    TreeSet<String> methods = new TreeSet<>();
    for (Operation operation : description.operations()) {
      Map<String, String> inPath = operation.match(path);
      if (inPath == null) {
        continue;
      }
      methods.add(operation.method());
      if (operation.method().equals(request.method().name())) {
        return new ApiCall(
            operation, line(request), caller, inPath, query(request), request.headers(), null);
      }
    }
    if (methods.isEmpty()) {
      throw ApiProblem.notFound();
    }
    request.response().putHeader("Allow", String.join(", ", methods));
    throw ApiProblem.of(405, "method-not-allowed", "Here go " + String.join(", ", methods) + '.');
  }

  private static String line(HttpServerRequest request) {
    return request.method().name() + ' ' + request.path();
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

  private static Future<Buffer> read(HttpServerRequest request) {
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
    request.resume();
    return promise.future();
  }

  private interface Work {
    Future<ApiAnswer> begin();
  }

  private Future<ApiAnswer> bounded(Work work) {
    if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
      underWay.decrementAndGet();
      return Future.failedFuture(ApiProblem.of(503, "busy", "Too many requests are under way."));
    }
    Future<ApiAnswer> answered;
    try {
      answered = work.begin();
    } catch (RuntimeException e) {
      answered = Future.failedFuture(e);
    }
    return answered.onComplete(done -> underWay.decrementAndGet());
  }

  private Future<ApiAnswer> answer(HttpServerRequest request, ApiCall call, Buffer bytes) {
    Operation operation = call.operation();
    Services.Service service = services.here(operation);
    int hops = hops(request);
    Future<ApiAnswer> answered =
        service != null
            ? service.answer(checked(call, bytes))
            : elsewhere(request, call, bytes, hops);
    // Where a request began is where pools are looked at.
    return hops > 0 ? answered : pools.added(call, answered);
  }

  private static int hops(HttpServerRequest request) {
    String hops = request.getHeader(HOPS);
    return hops == null ? 0 : hops.equals("1") ? 1 : MAX_HOPS;
  }

  /** This router has no store. */
  private Future<ApiAnswer> elsewhere(
      HttpServerRequest request, ApiCall call, Buffer bytes, int hops) {
    Services.Service lastGood = services.lastGood(call.operation());
    Remote remote = parts.remote();
    if (remote == null || hops >= MAX_HOPS) {
      if (lastGood != null && remote == null) {
        return lastGood.answer(checked(call, bytes));
      }
      return Future.failedFuture(
          hops > 0
              ? ApiProblem.of(
                  503, "policy-store-unavailable", "The router that was asked has no policy store.")
              : ApiProblem.of(
                  404, "no-policy-store", "No policy store is configured (policies.directory)."));
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (String name : ApiCall.FORWARDED) {
      headers.add(name, request.headers().getAll(name));
    }
    headers.set(HOPS, "" + (hops + 1));
    var ask = new Remote.Ask(call.operation().method(), request.uri(), headers, bytes);
    return remote
        .send(ask)
        .map(ApiAnswer::of)
        .recover(
            e ->
                lastGood == null || hops > 0
                    ? Future.failedFuture(e)
                    : lastGood
                        .answer(checked(call, bytes))
                        .map(answer -> answer.with("X-Config-Copy", "last-good")));
  }

  /** All that can be said of a request before anybody looks into the store. */
  private static ApiCall checked(ApiCall call, Buffer bytes) {
    Operation operation = call.operation();
    List<FieldError> errors = new ArrayList<>(operation.check(call.path(), "path"));
    errors.addAll(operation.check(call.query(), "query"));
    if (!errors.isEmpty()) {
      throw ApiProblem.of(
          400, "bad-parameter", "A parameter is wrong.", errors.toArray(FieldError[]::new));
    }
    String type = call.headers().get("Content-Type");
    String wanted = operation.mediaType();
    if (!wanted.isEmpty() && (type == null || !type.split(";", 2)[0].strip().equals(wanted))) {
      throw ApiProblem.of(415, "unsupported-media-type", "The body must be " + wanted + '.');
    }
    if (!call.caller().may(operation.role())) {
      throw ApiProblem.of(403, "forbidden", "This needs the role " + operation.role() + '.');
    }
    return call.with(body(operation, bytes));
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
    ApiProblem problem = ApiProblem.of(e);
    if (problem.status() == 500) {
      log.error("The admin API failed", e);
    }
    Counter.builder("kvlane.admin.refused")
        .description("Requests of operators that were refused")
        .tag("code", problem.code())
        .register(registry)
        .increment();
    if (caller == null) {
      if (problem.status() == 401 && isWrite(request)) {
        notes.stranger();
      }
      refuse(request, problem);
    } else {
      ApiProblem told = caller.scoped() ? problem.withoutForeign() : problem;
      note(request, caller, problem).onComplete(noted -> refuse(request, told));
    }
  }

  private void refuse(HttpServerRequest request, ApiProblem problem) {
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
    String body = Json.text(problem.body(title(problem)));
    send(response, problem.status(), PROBLEM, Buffer.buffer(body));
  }

  private static boolean isWrite(HttpServerRequest request) {
    String method = request.method().name();
    return !method.equals("GET") && !method.equals("HEAD") && !method.equals("OPTIONS");
  }

  /**
   * Logs what somebody known was refused, unless the store has done so. Who shows no key is only
   * counted: the log must not grow with strangers' requests. Nobody waits for a line that has to go
   * to another router.
   */
  private Future<?> note(HttpServerRequest request, ApiKey caller, ApiProblem problem) {
    if (!isWrite(request)
        || problem.logged()
        || problem.status() >= 500
        || (problem.status() == 429 && !noted.allows(caller.id()))) {
      return Future.succeededFuture();
    }
    WriteService service = writes;
    if (service == null) {
      notes.refused(caller, line(request), request.headers(), problem.refused());
      return Future.succeededFuture();
    }
    var write = WriteService.request(caller, line(request), request.headers(), null);
    return workers
        .executeBlocking(
            () -> {
              service.logRefusal(write, problem.refused());
              return null;
            },
            false)
        .timeout(NOTE_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(e -> log.warn("A refusal could not be logged: {}", e.toString()));
  }

  private void send(HttpServerRequest request, ApiAnswer answer) {
    answer.headers().forEach(request.response()::putHeader);
    ApiAnswer.Stream stream = answer.stream();
    if (stream != null) {
      request.response().putHeader("Content-Type", answer.type()).setChunked(true);
      stream.begin(request.response());
      return;
    }
    send(request.response(), answer.status(), answer.type(), answer.body());
  }

  private void send(HttpServerResponse response, int status, String type, Buffer body) {
    if (status != 401) {
      response.putHeader("X-Config-Revision", "" + parts.policies().current().revision());
    }
    response.setStatusCode(status).putHeader("Content-Type", type).end(body);
  }
}
