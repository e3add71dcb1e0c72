package io.kvlane.router.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kvlane.router.policy.FieldError;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the description.
 *
 * @param path with a named group per parameter
 * @param mediaType of its body, empty for none
 */
record Operation(
    String id,
    String method,
    Pattern path,
    ApiKey.Role role,
    List<Parameter> parameters,
    String mediaType,
    @Nullable Schema body) {
  /** A parameter in path, query or header. */
  record Parameter(String name, String in, boolean required, Schema schema) {}

  /** The parameters in that path, null if it is another operation's. */
  @Nullable Map<String, String> match(String requestPath) {
    Matcher matcher = path.matcher(requestPath);
    if (!matcher.matches()) {
      return null;
    }
    Map<String, String> values = new HashMap<>();
    matcher.namedGroups().keySet().forEach(name -> values.put(name, decoded(matcher.group(name))));
    return values;
  }

  private static String decoded(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiProblem.of(400, "bad-parameter", "The path cannot be decoded.");
    }
  }

  /** What is wrong with parameters; those in the query that nobody asked for are wrong too. */
  List<FieldError> check(Map<String, String> values, String in) {
    List<FieldError> errors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      String value = values.get(parameter.name());
      if (!parameter.in().equals(in)) {
        continue;
      }
      if (value == null && parameter.required()) {
        errors.add(new FieldError(parameter.name(), "missing"));
      }
      if (value != null && !parameter.schema().check(value).isEmpty()) {
        errors.add(
            new FieldError(parameter.name(), parameter.schema().check(value).getFirst().message()));
      }
    }
    if (in.equals("query")) {
      for (String name : values.keySet()) {
        boolean known =
            parameters.stream().anyMatch(p -> p.in().equals(in) && p.name().equals(name));
        boolean header = id.equals("resolve") && name.startsWith("header.");
        if (!known && !header) {
          errors.add(new FieldError(name.toLowerCase(Locale.ROOT), "unknown parameter"));
        }
      }
    }
    return errors;
  }
}
