package io.kvlane.router.policy;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Collects what is wrong with one resource. */
final class Checks {
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final int MAX_LIST = 64;
  private static final int MAX_TIME = 40;
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

  private final List<FieldError> errors = new ArrayList<>();

  List<FieldError> errors() {
    return errors;
  }

  void refuse(String path, String message) {
    errors.add(new FieldError(path, message));
  }

  void range(String path, long value, long min, long max) {
    if (value < min || value > max) {
      refuse(path, value + " (expected: a whole number from " + min + " to " + max + ')');
    }
  }

  void range(String path, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      refuse(path, value + " (expected: a number from " + min + " to " + max + ')');
    }
  }

  void id(String id) {
    if (!ID.matcher(id).matches()) {
      refuse("/id", "expected: 1 to 63 of a-z, 0-9 and -, beginning with a letter");
    }
  }

  void text(String path, String text, int min, int max) {
    if (text.length() < min || text.length() > max) {
      refuse(path, "expected: " + min + " to " + max + " characters");
    } else if (text.chars().anyMatch(Character::isISOControl)) {
      refuse(path, "expected: no control characters");
    }
  }

  void names(String path, List<String> names) {
    if (names.size() > MAX_LIST) {
      refuse(path, "expected: at most " + MAX_LIST + " names");
    }
    for (int i = 0; i < names.size(); i++) {
      text(path + '/' + i, names.get(i), 1, 256);
    }
  }

  void time(String path, String time) {
    try {
      if (time.length() <= MAX_TIME && Instant.parse(time).isBefore(LAST)) {
        return;
      }
    } catch (DateTimeParseException e) {
      // refused below
    }
    refuse(path, "expected: a time like 2027-01-31T00:00:00Z");
  }

  void regions(String path, List<String> regions, Set<String> known) {
    if (regions.size() > MAX_LIST) {
      refuse(path, "expected: at most " + MAX_LIST + " regions");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < regions.size(); i++) {
      String region = regions.get(i);
      if (!known.contains(region)) {
        refuse(
            path + '/' + i, "unknown region (expected: one of " + String.join(", ", known) + ')');
      } else if (!seen.add(region)) {
        refuse(path + '/' + i, "the region is named twice");
      }
    }
  }
}
