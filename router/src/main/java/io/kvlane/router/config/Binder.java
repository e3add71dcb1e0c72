package io.kvlane.router.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns nodes and environment variables into records of the configuration. */
final class Binder {
  /** Records that stand in lists, with what an item has where it leaves a key out. */
  private static final Map<Type, Record> ITEMS =
      Map.of(
          RouterConfig.Pool.class, RouterConfig.Pool.DEFAULTS,
          RouterConfig.AdminKey.class, RouterConfig.AdminKey.DEFAULTS,
          RouterConfig.Price.class, RouterConfig.Price.DEFAULTS,
          RouterConfig.OtherRegion.class, RouterConfig.OtherRegion.DEFAULTS,
          RouterConfig.Tenant.class, RouterConfig.Tenant.DEFAULTS);

  private final String source;
  private final Map<String, String> environment;

  Binder(String source, Map<String, String> environment) {
    this.source = source;
    this.environment = environment;
  }

  /** A record of {@code type} whose missing components are those of {@code defaults}. */
  <R extends Record> R record(Class<R> type, Place place, @Nullable Node node, R defaults)
      throws ConfigException {
    RecordComponent[] components = type.getRecordComponents();
    Node.Mapping mapping = mapping(place, node, components);
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      types[i] = component.getType();
      Node child = mapping == null ? null : mapping.fields().get(component.getName());
      values[i] = component(component, place.key(component.getName()), child, node, defaults);
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  private Node.@Nullable Mapping mapping(
      Place place, @Nullable Node node, RecordComponent[] components) throws ConfigException {
    if (node == null || node instanceof Node.Nothing) {
      return null;
    }
    if (!(node instanceof Node.Mapping mapping)) {
      throw wrong(place, node, node.kind(), "keys and values");
    }
    for (String key : mapping.fields().keySet()) {
      if (Arrays.stream(components).noneMatch(c -> c.getName().equals(key))) {
        String known = Arrays.stream(components).map(RecordComponent::getName).collect(joining());
        throw new ConfigException(
            source
                + ":"
                + mapping.lines().get(key)
                + ": "
                + place.key(key).path()
                + ": unknown key (expected: one of "
                + known
                + ")");
      }
    }
    return mapping;
  }

  private static java.util.stream.Collector<CharSequence, ?, String> joining() {
    return Collectors.joining(", ");
  }

  private Object component(
      RecordComponent component, Place place, @Nullable Node node, @Nullable Node parent, Record of)
      throws ConfigException {
    Object fallback = get(component, of);
    Class<?> type = component.getType();
    if (fallback instanceof Record record && !(fallback instanceof RouterConfig.Secret)) {
      return nested(record, place, node);
    }
    if (type == List.class) {
      return list(component, place, node, (List<?>) fallback);
    }
    String variable = environment.get(place.variable());
    if (variable != null) {
      return scalar(component, place, variable, null);
    }
    if (node == null || node instanceof Node.Nothing) {
      if (component.isAnnotationPresent(Required.class)) {
        String at = parent == null ? source : source + ":" + parent.line();
        throw new ConfigException(at + ": " + place.path() + ": missing (expected: a value)");
      }
      return fallback;
    }
    if (!(node instanceof Node.Scalar scalar)) {
      throw wrong(place, node, node.kind(), expected(component));
    }
    return scalar(component, place, scalar.text(), node);
  }

  private <R extends Record> R nested(R defaults, Place place, @Nullable Node node)
      throws ConfigException {
    @SuppressWarnings("unchecked")
    Class<R> type = (Class<R>) defaults.getClass();
    return record(type, place, node, defaults);
  }

  private List<?> list(
      RecordComponent component, Place place, @Nullable Node node, List<?> fallback)
      throws ConfigException {
    if (node != null && !(node instanceof Node.Sequence) && !(node instanceof Node.Nothing)) {
      throw wrong(place, node, node.kind(), "a list");
    }
    List<Node> nodes = node instanceof Node.Sequence sequence ? sequence.items() : List.of();
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < nodes.size() || isSet(place.item(i)); i++) {
      Node item = i < nodes.size() ? nodes.get(i) : null;
      items.add(item(component, place.item(i), item));
    }
    return node == null && items.isEmpty() ? fallback : List.copyOf(items);
  }

  private boolean isSet(Place place) {
    String variable = place.variable();
    return environment.keySet().stream()
        .anyMatch(name -> name.equals(variable) || name.startsWith(variable + "_"));
  }

  private Object item(RecordComponent list, Place place, @Nullable Node node)
      throws ConfigException {
    Type type = ((ParameterizedType) list.getGenericType()).getActualTypeArguments()[0];
    Record defaults = ITEMS.get(type);
    if (defaults != null) {
      return nested(defaults, place, node);
    }
    String variable = environment.get(place.variable());
    if (variable != null) {
      return variable;
    }
    if (node instanceof Node.Scalar scalar) {
      return scalar.text();
    }
    String found = node == null ? "nothing" : node.kind();
    throw wrong(place, node, found, "a text");
  }

  private Object scalar(RecordComponent component, Place place, String text, @Nullable Node node)
      throws ConfigException {
    Object value = convert(component, text);
    Range range = component.getAnnotation(Range.class);
    if (value == null || (range != null && !within(range, value))) {
      throw wrong(place, node, '"' + text + '"', expected(component));
    }
    return value;
  }

  private static boolean within(Range range, Object value) {
    long number =
        value instanceof Duration duration ? duration.toMillis() : ((Number) value).longValue();
    return range.min() <= number && number <= range.max();
  }

  private static @Nullable Object convert(RecordComponent component, String text) {
    Class<?> type = component.getType();
    if (type == String.class) {
      return text.isEmpty() && !component.isAnnotationPresent(Empty.class) ? null : text;
    }
    if (type == RouterConfig.Secret.class) {
      return new RouterConfig.Secret(text);
    }
    if (type == Duration.class) {
      return Units.duration(text);
    }
    if (type == boolean.class) {
      return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    Long number = Units.bytes(text);
    if (number == null || (!component.isAnnotationPresent(Bytes.class) && !isDigits(text))) {
      return null;
    }
    if (type == long.class) {
      return number;
    }
    return number > Integer.MAX_VALUE ? null : Integer.valueOf(number.intValue());
  }

  private static boolean isDigits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static @Nullable Object constant(Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      if (constant.toString().toLowerCase(Locale.ROOT).equals(text)) {
        return constant;
      }
    }
    return null;
  }

  private static String expected(RecordComponent component) {
    Class<?> type = component.getType();
    Range range = component.getAnnotation(Range.class);
    if (type == Duration.class && range != null) {
      return "a duration like 500ms or 10s, from "
          + Units.show(Duration.ofMillis(range.min()))
          + " to "
          + Units.show(Duration.ofMillis(range.max()));
    }
    if (component.isAnnotationPresent(Bytes.class) && range != null) {
      return "a size like 64KiB or 1GiB, from "
          + Units.showBytes(range.min())
          + " to "
          + Units.showBytes(range.max());
    }
    if (range != null) {
      return "a whole number from " + range.min() + " to " + range.max();
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(" or "));
    }
    return "a text";
  }

  private ConfigException wrong(Place place, @Nullable Node node, String found, String expected) {
    String at = node == null ? "environment " + place.variable() : source + ":" + node.line();
    return new ConfigException(
        at + ": " + place.path() + ": " + found + " (expected: " + expected + ")");
  }

  private static Object get(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
