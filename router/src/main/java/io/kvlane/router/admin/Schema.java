package io.kvlane.router.admin;

import io.kvlane.router.policy.FieldError;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A JSON schema of the description. Safe for any thread. */
final class Schema {
  /** Keywords that only say that something below them is wrong. */
  private static final Set<String> OUTER = Set.of("properties", "$ref", "items");

  private static final String ADDITIONAL = "additionalProperties";

  private final Validator validator;
  private final String type;

  Schema(Validator validator, JsonObject schema) {
    this.validator = validator;
    this.type = schema.getString("type", "object");
  }

  /** What is wrong with a document, each with its path. */
  List<FieldError> check(JsonObject document) {
    return errors(validator.validate(document));
  }

  /** What is wrong with a parameter. */
  List<FieldError> check(String text) {
    Object value = text;
    if (type.equals("integer")) {
      try {
        value = Long.parseLong(text);
      } catch (NumberFormatException e) {
        return List.of(new FieldError("", "expected a whole number"));
      }
    } else if (type.equals("boolean")) {
      if (!text.equals("true") && !text.equals("false")) {
        return List.of(new FieldError("", "expected true or false"));
      }
      value = text.equals("true");
    }
    return errors(validator.validate(value));
  }

  private static List<FieldError> errors(OutputUnit result) {
    if (Boolean.TRUE.equals(result.getValid()) || result.getErrors() == null) {
      return List.of();
    }
    Map<String, String> errors = new LinkedHashMap<>();
    for (OutputUnit error : result.getErrors()) {
      String keyword = keyword(error);
      if (!OUTER.contains(keyword) && !keyword.equals(ADDITIONAL)) {
        errors.putIfAbsent(path(error), error.getError());
      }
    }
    // The validator calls a field unknown, too, in which something else is wrong.
    for (OutputUnit error : result.getErrors()) {
      String path = path(error);
      boolean wrongInside =
          errors.keySet().stream().anyMatch(p -> p.equals(path) || p.startsWith(path + '/'));
      if (keyword(error).equals(ADDITIONAL) && !wrongInside) {
        errors.put(path, "unknown field");
      }
    }
    if (errors.isEmpty()) {
      errors.put("", "is not as described");
    }
    return errors.entrySet().stream().map(e -> new FieldError(e.getKey(), e.getValue())).toList();
  }

  private static String keyword(OutputUnit error) {
    String location = error.getKeywordLocation();
    return location.substring(location.lastIndexOf('/') + 1);
  }

  private static String path(OutputUnit error) {
    return error.getInstanceLocation().substring(1);
  }
}
