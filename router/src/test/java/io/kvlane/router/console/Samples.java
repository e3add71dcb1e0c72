package io.kvlane.router.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;

/**
 * Answers of a busy region, for what a quiet test cannot show, and a look at the page's colours.
 */
final class Samples {
  /** The request of {@code decision.json}. */
  static final String REQUEST = "req-7f3a9c";

  /** All texts whose contrast is below that of WCAG 2.2 AA; what is disabled need not have it. */
  static final String TOO_FAINT =
      """
      (() => {
        const parse = c => (c.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
        const lightness = ([r, g, b]) => [r, g, b]
          .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const back = e => {
          for (let at = e; at; at = at.parentElement) {
            const c = parse(getComputedStyle(at).backgroundColor);
            if (c.length < 4 || c[3] === 1) return c;
          }
          return [255, 255, 255];
        };
        return [...document.querySelectorAll('body *')]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== ''))
          .filter(e => e.checkVisibility() && !e.closest('svg, :disabled, .stale, option'))
          .map(e => {
            const [a, b] = [lightness(parse(getComputedStyle(e).color)), lightness(back(e))];
            return [e.textContent.trim().slice(0, 30), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
          })
          .filter(([, ratio]) => ratio < 4.5);
      })()\
      """;

  private Samples() {}

  /** From now on the page is answered so. */
  static void answer(Browser browser) throws IOException {
    for (String name : new String[] {"summary", "series", "prefixes", "replicas", "advice"}) {
      browser.answer("/admin/v1/cache/" + name, text(name));
    }
    browser.answer("/admin/v1/cache/events", "event: summary\ndata: " + text("events") + "\n\n");
    browser.answer("/admin/v1/decisions", text("decisions"));
    browser.answer("/admin/v1/decisions/" + REQUEST, text("decision"));
  }

  private static String text(String name) throws IOException {
    try (InputStream in = Samples.class.getResourceAsStream(name + ".json")) {
      return new String(requireNonNull(in).readAllBytes(), UTF_8).strip();
    }
  }
}
