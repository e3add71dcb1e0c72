package io.kvlane.router.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes traces as a collector does: OTLP over HTTP. */
public final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final List<Seen> spans = new CopyOnWriteArrayList<>();

  /** A span that was sent. */
  public record Seen(
      String service,
      String trace,
      String id,
      String parent,
      String name,
      Span.SpanKind kind,
      String state,
      long from,
      long to,
      Map<String, String> attributes) {}

  public Collector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  /** Configuration of a router that sends its traces here. */
  public String yaml() {
    return "telemetry: {traces: {endpoint: \"http://127.0.0.1:%d/v1/traces\", perThousand: 1000}}%n"
        .formatted(server.getAddress().getPort());
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(this::keep);
      exchange.getResponseHeaders().set("content-type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void keep(ResourceSpans from) {
    String service = attributes(from.getResource().getAttributesList()).get("service.instance.id");
    from.getScopeSpansList()
        .forEach(
            scope ->
                scope
                    .getSpansList()
                    .forEach(
                        span ->
                            spans.add(
                                new Seen(
                                    service,
                                    hex(span.getTraceId().toByteArray()),
                                    hex(span.getSpanId().toByteArray()),
                                    hex(span.getParentSpanId().toByteArray()),
                                    span.getName(),
                                    span.getKind(),
                                    span.getTraceState(),
                                    span.getStartTimeUnixNano(),
                                    span.getEndTimeUnixNano(),
                                    attributes(span.getAttributesList())))));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Map<String, String> attributes(List<KeyValue> list) {
    Map<String, String> attributes = new TreeMap<>();
    for (KeyValue pair : list) {
      var value = pair.getValue();
      attributes.put(
          pair.getKey(),
          switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case INT_VALUE -> Long.toString(value.getIntValue());
            case ARRAY_VALUE ->
                value.getArrayValue().getValuesList().stream()
                    .map(item -> item.getStringValue())
                    .toList()
                    .toString();
            default -> value.toString();
          });
    }
    return attributes;
  }

  public List<Seen> spans() {
    return new ArrayList<>(spans);
  }

  /** The spans of one trace. */
  public List<Seen> spans(String trace) {
    return spans.stream().filter(span -> span.trace.equals(trace)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
