package io.kvlane.router.admin;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document, which says what there is: an operation that it does not describe cannot be
 * called. Immutable.
 */
final class ApiDescription {
  private static final String BASE = "kvlane:/openapi";
  private static final JsonSchemaOptions OPTIONS =
      new JsonSchemaOptions()
          .setBaseUri(BASE)
          .setDraft(Draft.DRAFT202012)
          .setOutputFormat(OutputFormat.Basic);
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  private final JsonObject document;
  private final List<Operation> operations = new ArrayList<>();

  ApiDescription() {
    try (InputStream in = ApiDescription.class.getResourceAsStream("openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("openapi.yaml is not on the class path");
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> read = new YAMLMapper().readValue(in, Map.class);
      document = new JsonObject(read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SchemaRepository repository = SchemaRepository.create(OPTIONS);
    repository.dereference(BASE, JsonSchema.of(BASE, document));
    Map<String, Operation.Parameter> parameters = parameters();
    JsonObject paths = document.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (String method : List.of("get", "put", "patch", "post", "delete")) {
        JsonObject operation = paths.getJsonObject(path).getJsonObject(method);
        if (operation != null) {
          operations.add(operation(path, method, operation, parameters, repository));
        }
      }
    }
  }

  JsonObject document() {
    return document;
  }

  List<Operation> operations() {
    return operations;
  }

  /**
   * The parameters by their references. None of their schemas refers to others: a validator that
   * the repository makes holds a map of every schema in the document.
   */
  private Map<String, Operation.Parameter> parameters() {
    Map<String, Operation.Parameter> parameters = new HashMap<>();
    for (var entry : document.getJsonObject("components").getJsonObject("parameters")) {
      var parameter = (JsonObject) entry.getValue();
      JsonObject schema = parameter.getJsonObject("schema");
      parameters.put(
          "#/components/parameters/" + entry.getKey(),
          new Operation.Parameter(
              parameter.getString("name"),
              parameter.getString("in"),
              parameter.getBoolean("required"),
              new Schema(Validator.create(JsonSchema.of(schema), OPTIONS), schema)));
    }
    return parameters;
  }

  private static Operation operation(
      String path,
      String method,
      JsonObject operation,
      Map<String, Operation.Parameter> shared,
      SchemaRepository repository) {
    String literal = path.replace(":", "\\:").replace(".", "\\.");
    String pattern = PARAMETER.matcher(literal).replaceAll("(?<$1>[^/:]+)");
    List<Operation.Parameter> parameters = new ArrayList<>();
    for (Object reference : operation.getJsonArray("parameters", new JsonArray())) {
      parameters.add(shared.get(((JsonObject) reference).getString("$ref")));
    }
    JsonObject content = content(operation);
    String mediaType = content == null ? "" : content.fieldNames().iterator().next();
    Schema body = null;
    if (content != null) {
      JsonObject schema = content.getJsonObject(mediaType).getJsonObject("schema");
      var reference = new JsonObject().put("$ref", BASE + schema.getString("$ref"));
      body = new Schema(repository.validator(JsonSchema.of(reference)), reference);
    }
    return new Operation(
        operation.getString("operationId"),
        method.toUpperCase(Locale.ROOT),
        Pattern.compile(pattern),
        ApiKey.Role.valueOf(operation.getString("x-kvlane-role").toUpperCase(Locale.ROOT)),
        List.copyOf(parameters),
        mediaType,
        body);
  }

  private static @Nullable JsonObject content(JsonObject operation) {
    JsonObject body = operation.getJsonObject("requestBody");
    return body == null ? null : body.getJsonObject("content");
  }
}
