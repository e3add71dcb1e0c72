package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a change would do to requests, for people. */
final class ImpactText {
  private static final List<String> HEADER =
      List.of("MODEL", "REQUESTS", "MOVED", "HIT RATIO", "TTFT P50 MS", "TTFT P95 MS", "CROSSING");

  private ImpactText() {}

  /**
   * A sentence on what is known exactly, and a table of what was simulated.
   *
   * @param impact as the admin API gives it
   */
  static String of(JsonNode impact) {
    StringBuilder text = new StringBuilder("impact: of the last ");
    text.append(impact.path("requests").asInt())
        .append(" requests (routers: ")
        .append(Texts.cell(impact.path("routers")))
        .append(") ")
        .append(impact.path("affected").asInt())
        .append(" are affected, ")
        .append(impact.path("newlyRefused").asInt())
        .append(" newly refused, ")
        .append(impact.path("newlyServed").asInt())
        .append(" newly served, ")
        .append(impact.path("undecided").asInt())
        .append(" undecided");
    if (!impact.path("silentRouters").isEmpty()) {
      text.append("; no answer from ").append(Texts.cell(impact.path("silentRouters")));
    }
    if (impact.path("models").isEmpty()) {
      return Texts.printable(
          text.append("\nsimulation: ").append(impact.path("simulation").asText()).toString());
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode model : impact.path("models")) {
      rows.add(
          List.of(
              Texts.cell(model.path("model")),
              Texts.cell(model.path("requests")),
              Texts.cell(model.path("routedDifferently")),
              change(model, "hitRatio"),
              change(model, "ttftP50Ms"),
              change(model, "ttftP95Ms"),
              change(model, "crossRegionShare")));
    }
    return Texts.printable(text.append('\n').append(Texts.table(HEADER, rows)).toString());
  }

  private static String change(JsonNode model, String field) {
    return Texts.cell(model.path("before").path(field))
        + " -> "
        + Texts.cell(model.path("after").path(field));
  }
}
