package io.kvlane.router.policy;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Resources as JSON: strict in what is read, with a path for all that is wrong. What is shown to
 * people leaves out what only the store, the disk and other routers may have.
 */
public final class ResourceJson {
  private static final int MAX_DEPTH = 64;

  /** For the store, the disk and other routers. */
  private static final JsonMapper MAPPER = mapper();

  /** For people. */
  private static final JsonMapper SHOWN = mapper();

  static {
    MAPPER.configOverride(KeySpec.Hash.class).setIsIgnoredType(false);
  }

  private static final Map<Kind, ObjectNode> DEFAULTS =
      Map.of(
          Kind.POLICY, defaults(Kind.POLICY, Policy.DEFAULTS),
          Kind.POOL, defaults(Kind.POOL, PoolSpec.DEFAULTS),
          Kind.TENANT, defaults(Kind.TENANT, TenantSpec.DEFAULTS),
          Kind.KEY, defaults(Kind.KEY, KeySpec.DEFAULTS),
          Kind.CANARY, defaults(Kind.CANARY, Canary.DEFAULTS));

  private ResourceJson() {}

  private static JsonMapper mapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build());
    for (var shape :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
    }
    return mapper;
  }

  private static ObjectNode defaults(Kind kind, Resource resource) {
    ObjectNode tree = MAPPER.valueToTree(resource);
    tree.remove(required(kind));
    return tree;
  }

  private static List<String> required(Kind kind) {
    return switch (kind) {
      case POLICY -> List.of("id", "consistency", "priority");
      case POOL -> List.of("id", "model");
      case TENANT, CANARY -> List.of("id");
      case KEY -> List.of("id", "role", "expiresAt");
    };
  }

  /**
   * Reads any JSON text.
   *
   * @throws InvalidResource if it is not one JSON value: with duplicate keys, say, or too deep
   */
  public static JsonNode parse(String json) throws InvalidResource {
    try (JsonParser parser = MAPPER.createParser(json)) {
      JsonNode tree = MAPPER.readTree(parser);
      if (tree == null || tree.isMissingNode()) {
        throw invalid("", "nothing (expected: a JSON object)");
      }
      if (parser.nextToken() != null) {
        throw invalid("", "more than one JSON value");
      }
      return tree;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      String place = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw invalid("", "not JSON" + place + (place.isEmpty() ? "" : ")"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The resource that {@code json} describes; what it leaves out, or sets to null, is as by
   * default.
   *
   * @throws InvalidResource naming each unknown, missing or mistyped field that was found
   */
  public static Resource read(Kind kind, JsonNode json) throws InvalidResource {
    if (!(json instanceof ObjectNode object)) {
      throw invalid("", "not an object");
    }
    ObjectNode tree = requireNonNull(DEFAULTS.get(kind)).deepCopy();
    merge(tree, object);
    List<FieldError> errors = new ArrayList<>();
    for (String field : required(kind)) {
      if (!tree.has(field)) {
        errors.add(new FieldError('/' + field, "missing"));
      }
    }
    refuseNulls("", tree, errors);
    if (!errors.isEmpty()) {
      throw new InvalidResource(errors);
    }
    try {
      return MAPPER.treeToValue(tree, kind.type());
    } catch (JsonMappingException e) {
      throw invalid(path(e), what(e));
    } catch (JsonProcessingException e) {
      throw invalid("", "not a " + kind.word());
    }
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      JsonNode value = field.getValue();
      if (value.isNull()) {
        continue;
      }
      if (value instanceof ObjectNode object
          && into.get(field.getKey()) instanceof ObjectNode old) {
        merge(old, object);
      } else {
        into.set(field.getKey(), value.deepCopy());
      }
    }
  }

  private static void refuseNulls(String path, JsonNode node, List<FieldError> errors) {
    if (node.isNull()) {
      errors.add(new FieldError(path, "null"));
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      refuseNulls(path + '/' + Diff.escape(field.getKey()), field.getValue(), errors);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      refuseNulls(path + '/' + i, node.get(i), errors);
    }
  }

  /** Applies a JSON merge patch (RFC 7396) to the resource as it is. */
  public static JsonNode patched(Resource resource, JsonNode patch) throws InvalidResource {
    if (!(patch instanceof ObjectNode object)) {
      throw invalid("", "not an object");
    }
    ObjectNode tree = tree(resource);
    mergePatch(tree, object);
    return tree;
  }

  private static void mergePatch(ObjectNode into, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      String name = field.getKey();
      if (field.getValue().isNull()) {
        into.remove(name);
      } else if (field.getValue() instanceof ObjectNode object) {
        ObjectNode old =
            into.get(name) instanceof ObjectNode existing ? existing : into.putObject(name);
        mergePatch(old, object);
      } else {
        into.set(name, field.getValue().deepCopy());
      }
    }
  }

  /** The resource as a tree, with every field that people may see. */
  public static ObjectNode tree(Resource resource) {
    return SHOWN.valueToTree(resource);
  }

  /** A value's one JSON text, to be stored: a resource's ETag is made from it. */
  static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InvalidResource invalid(String path, String message) {
    return new InvalidResource(List.of(new FieldError(path, message)));
  }

  private static String path(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      String name = reference.getFieldName();
      path.append('/').append(name == null ? "" + reference.getIndex() : Diff.escape(name));
    }
    return path.toString();
  }

  private static String what(JsonMappingException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          "unknown field (expected: one of "
              + String.join(
                  ", ", unknown.getKnownPropertyIds().stream().map(Object::toString).toList())
              + ')';
      case InvalidFormatException format when format.getTargetType().isEnum() ->
          "unknown value (expected: one of "
              + String.join(
                  ", ",
                  Arrays.stream(format.getTargetType().getEnumConstants())
                      .map(Object::toString)
                      .toList())
              + ')';
      case MismatchedInputException mismatch -> "expected " + expected(mismatch.getTargetType());
      default -> "out of range or of another type";
    };
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == int.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    if (type != null && (type.isArray() || List.class.isAssignableFrom(type))) {
      return "a list";
    }
    return type != null && type.isEnum() ? "a text" : "an object";
  }
}
