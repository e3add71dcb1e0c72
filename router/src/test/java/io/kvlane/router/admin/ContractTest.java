package io.kvlane.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random requests made from the OpenAPI document: no 5xx, no status that it does not describe, and
 * no answer that is not as it says.
 */
class ContractTest {
  private static final int REQUESTS_PER_OPERATION = 150;
  private static final String BASE = "kvlane:/contract";

  private final JsonObject document = new ApiDescription().document();
  private final SplittableRandom random = new SplittableRandom(20_261_124);
  private final SchemaRepository repository =
      SchemaRepository.create(
          new JsonSchemaOptions()
              .setBaseUri(BASE)
              .setDraft(Draft.DRAFT202012)
              .setOutputFormat(OutputFormat.Basic));

  private final Set<Integer> statuses = new TreeSet<>();

  @TempDir private Path directory;

  @Test
  void randomRequests_areAnsweredAsDescribed() throws Exception {
    repository.dereference(BASE, JsonSchema.of(BASE, document));
    try (var api = new AdminFixture(directory, 1e6)) {
      JsonObject paths = document.getJsonObject("paths");
      for (int i = 0; i < REQUESTS_PER_OPERATION; i++) {
        for (String path : paths.fieldNames()) {
          for (String method : paths.getJsonObject(path).fieldNames()) {
            JsonObject operation = paths.getJsonObject(path).getJsonObject(method);
            if (!isStream(operation)) {
              check(api, path, method, operation);
            }
          }
        }
      }
    }
    // Requests get far enough for the check to mean something.
    assertThat(statuses).contains(200, 201, 400, 401, 403, 404, 412, 422, 428);
  }

  /** One that goes on for as long as somebody reads. */
  private static boolean isStream(JsonObject operation) {
    JsonObject answer = operation.getJsonObject("responses").getJsonObject("200");
    return answer != null && answer.getJsonObject("content").containsKey("text/event-stream");
  }

  private void check(AdminFixture api, String path, String method, JsonObject operation)
      throws Exception {
    String key =
        pick(AdminFixture.ADMIN, AdminFixture.OPERATOR, AdminFixture.ACME, AdminFixture.VIEWER, "");
    StringBuilder url =
        new StringBuilder(
            path.substring("/admin/v1".length())
                .replace("{id}", pick("default", "a", "acme-a", "A", "x".repeat(70)))
                .replace("{action}", pick("drain", "resume", "explode"))
                .replace("{revision}", pick("1", "2", "0", "99", "x")));
    String[] headers = {"X-Filler", "1"};
    char separator = '?';
    for (Object reference : operation.getJsonArray("parameters", new JsonArray())) {
      JsonObject parameter = find(((JsonObject) reference).getString("$ref"));
      boolean wanted = parameter.getBoolean("required") || random.nextInt(3) == 0;
      if (parameter.getString("in").equals("query") && wanted) {
        url.append(separator).append(parameter.getString("name")).append('=');
        url.append(
            pick("1", "true", "false", "2", "-1", "", "abc", "acme", "MTA", "%ff", "id%3Da"));
        separator = '&';
      } else if (parameter.getString("in").equals("header") && random.nextBoolean()) {
        String value =
            pick("*", "*", "*", "\"r1-0\"", "W/\"r1-0\"", "\"", "key-" + random.nextInt(3));
        headers = new String[] {parameter.getString("name"), value};
      }
    }
    JsonObject content = operation.getJsonObject("requestBody", new JsonObject());
    String body = null;
    if (!content.isEmpty()) {
      JsonObject media = content.getJsonObject("content");
      String type = media.fieldNames().iterator().next();
      body = generate(media.getJsonObject(type).getJsonObject("schema")).toString();
    }
    AdminFixture.Answer answer =
        api.send(
            random.nextInt(3), key, method.toUpperCase(Locale.ROOT), url.toString(), body, headers);
    statuses.add(answer.status());
    String told = method + ' ' + url + ' ' + List.of(headers) + ' ' + body;
    assertThat(answer.status()).as(told).isLessThan(500);
    JsonObject response = operation.getJsonObject("responses").getJsonObject("" + answer.status());
    assertThat(response).as("%s -> %s", told, answer.raw().body()).isNotNull();
    JsonObject resolved =
        response.containsKey("$ref") ? find(response.getString("$ref")) : response;
    JsonObject media = resolved.getJsonObject("content");
    String type = media.fieldNames().iterator().next();
    assertThat(answer.header("Content-Type")).as(told).isEqualTo(type);
    String schema = BASE + media.getJsonObject(type).getJsonObject("schema").getString("$ref");
    var result =
        repository
            .validator(JsonSchema.of(new JsonObject().put("$ref", schema)))
            .validate(new JsonObject(answer.raw().body()));
    assertThat(result.getValid()).as("%s -> %s", told, answer.raw().body()).isTrue();
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  private JsonObject find(String reference) {
    JsonObject at = document;
    for (String part : reference.substring(2).split("/", -1)) {
      at = at.getJsonObject(part);
    }
    return at;
  }

  /** A value that mostly, not always, is as the schema says. */
  private Object generate(JsonObject schema) {
    if (schema.containsKey("$ref")) {
      return generate(find(schema.getString("$ref")));
    }
    if (random.nextInt(60) == 0) {
      return pick("nonsense", "", "7");
    }
    if (schema.containsKey("enum")) {
      JsonArray values = schema.getJsonArray("enum");
      return values.getValue(random.nextInt(values.size()));
    }
    return switch (schema.getString("type", "object")) {
      case "object" -> object(schema);
      case "array" -> {
        var array = new JsonArray();
        for (int n = random.nextInt(1, 3); n > 0; n--) {
          array.add(generate(schema.getJsonObject("items")));
        }
        yield array;
      }
      case "integer" ->
          random.nextBoolean()
              ? schema.getLong("minimum", 0L) + random.nextInt(3)
              : schema.getLong("maximum", 10L) + random.nextInt(-1, 2);
      case "number" -> schema.getDouble("maximum", 1.0) * random.nextDouble(1.05);
      case "boolean" -> random.nextBoolean();
      default -> pick("a", "eu", "us", "acme", "*", "acme-a");
    };
  }

  private JsonObject object(JsonObject schema) {
    var object = new JsonObject();
    JsonObject properties = schema.getJsonObject("properties", new JsonObject());
    JsonArray required = schema.getJsonArray("required", new JsonArray());
    for (String name : properties.fieldNames()) {
      // Documents that name another resource than their path are all refused alike.
      boolean foreign = name.equals("id") && !required.contains(name);
      if (foreign) {
        continue;
      }
      if (required.contains(name) ? random.nextInt(30) > 0 : random.nextInt(12) == 0) {
        object.put(name, generate(properties.getJsonObject(name)));
      }
    }
    return object;
  }
}
