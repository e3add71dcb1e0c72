package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line plot as SVG: light background, axes with round numbers, a legend on the right. */
final class SvgPlot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 80;
  private static final int RIGHT = 560;
  private static final int TOP = 50;
  private static final int BOTTOM = 360;

  // Okabe and Ito's colours, which colour-blind people can tell apart, then darker ones.
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#882255",
          "#117733", "#999933");
  private static final List<String> DASHES = List.of("", "6 3", "2 2");

  private final String title;
  private final Scale.Axis x;
  private final Scale.Axis y;
  private final List<Line> lines = new ArrayList<>();

  /** A named line through points; points that are NaN are left out. */
  record Line(String name, double[] x, double[] y, boolean markers) {}

  SvgPlot(String title, Scale.Axis x, Scale.Axis y) {
    this.title = title;
    this.x = x;
    this.y = y;
  }

  SvgPlot add(Line line) {
    lines.add(line);
    return this;
  }

  String render() {
    Scale across = Scale.of(x, lines.stream().map(Line::x).toList());
    Scale up = Scale.of(y, lines.stream().map(Line::y).toList());
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n",
            WIDTH,
            HEIGHT,
            WIDTH,
            HEIGHT));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    text(svg, (LEFT + RIGHT) / 2, 28, "middle", "font-size=\"16\"", title);
    axes(svg, across, up);
    for (int i = 0; i < lines.size(); i++) {
      line(svg, lines.get(i), i, across, up);
    }
    return svg.append("</svg>\n").toString();
  }

  private void axes(StringBuilder svg, Scale across, Scale up) {
    for (double tick : across.ticks()) {
      double px = px(across, tick);
      stroke(svg, px, TOP, px, BOTTOM, "#e4e4e4");
      text(svg, px, BOTTOM + 20, "middle", "", Scale.label(tick));
    }
    for (double tick : up.ticks()) {
      double py = py(up, tick);
      stroke(svg, LEFT, py, RIGHT, py, "#e4e4e4");
      text(svg, LEFT - 8, py + 4, "end", "", Scale.label(tick));
    }
    stroke(svg, LEFT, BOTTOM, RIGHT, BOTTOM, "#333333");
    stroke(svg, LEFT, TOP, LEFT, BOTTOM, "#333333");
    text(svg, (LEFT + RIGHT) / 2, BOTTOM + 44, "middle", "", x.label());
    int middle = (TOP + BOTTOM) / 2;
    text(
        svg,
        20,
        middle,
        "middle",
        String.format(Locale.ROOT, "transform=\"rotate(-90 20 %d)\"", middle),
        y.label());
  }

  private static void line(StringBuilder svg, Line line, int number, Scale across, Scale up) {
    String colour = COLOURS.get(number % COLOURS.size());
    String dash = DASHES.get(number / COLOURS.size() % DASHES.size());
    StringBuilder points = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    for (int i = 0; i < line.x.length; i++) {
      if (across.axis().takes(line.x[i]) && up.axis().takes(line.y[i])) {
        double px = px(across, line.x[i]);
        double py = py(up, line.y[i]);
        points
            .append(points.isEmpty() ? "" : " ")
            .append(String.format(Locale.ROOT, "%.1f,%.1f", px, py));
        if (line.markers) {
          marks.append(
              String.format(
                  Locale.ROOT,
                  "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n",
                  px,
                  py,
                  colour));
        }
      }
    }
    String style =
        String.format(
            Locale.ROOT,
            "fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"",
            colour,
            dash.isEmpty() ? "none" : dash);
    svg.append(String.format(Locale.ROOT, "<polyline points=\"%s\" %s/>\n", points, style))
        .append(marks);
    int py = TOP + 10 + 20 * number;
    svg.append(String.format(Locale.ROOT, "<path d=\"M%d %dh26\" %s/>\n", RIGHT + 16, py, style));
    text(svg, RIGHT + 50, py + 4, "start", "", line.name);
  }

  private static double px(Scale scale, double value) {
    return LEFT + scale.at(value) * (RIGHT - LEFT);
  }

  private static double py(Scale scale, double value) {
    return BOTTOM - scale.at(value) * (BOTTOM - TOP);
  }

  private static void stroke(
      StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, String more, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#222222\" %s>%s</text>\n",
            x,
            y,
            anchor,
            more,
            escaped(text)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
