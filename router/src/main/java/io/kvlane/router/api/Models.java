package io.kvlane.router.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** The answer to {@code GET /v1/models}. */
final class Models {
  private Models() {}

  static Buffer list(List<String> models) {
    var list = JsonNodeFactory.instance.objectNode().put("object", "list");
    var data = list.putArray("data");
    for (String model : models) {
      data.addObject()
          .put("id", model)
          .put("object", "model")
          .put("created", 0)
          .put("owned_by", "kvlane");
    }
    return Buffer.buffer(list.toString());
  }
}
