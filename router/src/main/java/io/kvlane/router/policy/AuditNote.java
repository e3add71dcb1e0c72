package io.kvlane.router.policy;

import java.util.List;

/**
 * What a router has to tell the audit log beside writes: an order that was given, something that
 * was refused before the store was asked. Travels as JSON between routers; readers ignore fields
 * that they do not know.
 *
 * @param actor who
 * @param action what, like {@code POST /admin/v1/regions/eu:drain}
 * @param traceId empty for none
 * @param outcome {@code DONE}, {@code UNKNOWN} if it broke off, or a {@link Refused.Reason}
 * @param errors why it was refused
 * @param router which router says so, as {@code REGION/ROUTER}
 * @param at when it was, milliseconds since 1970
 */
public record AuditNote(
    String actor,
    String action,
    String traceId,
    String outcome,
    List<FieldError> errors,
    String router,
    long at) {
  private static final int MAX_NAME = 200;
  private static final int MAX_TEXT = 500;
  private static final int MAX_ERRORS = 16;

  public AuditNote {
    actor = cut(actor, MAX_NAME);
    action = cut(action, MAX_TEXT);
    traceId = cut(traceId, MAX_NAME);
    outcome = cut(outcome, MAX_NAME);
    errors =
        errors.stream()
            .limit(MAX_ERRORS)
            .map(e -> new FieldError(cut(e.path(), MAX_TEXT), cut(e.message(), MAX_TEXT)))
            .toList();
    router = cut(router, MAX_NAME);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
