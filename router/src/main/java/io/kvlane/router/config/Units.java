package io.kvlane.router.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations like {@code 500ms} and sizes like {@code 64MiB}. */
final class Units {
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,15}) ?([A-Za-z]*)");

  private Units() {}

  /** Null if {@code text} is no duration. */
  static @Nullable Duration duration(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "" -> number == 0 ? Duration.ZERO : null;
      default -> null;
    };
  }

  /** Null if {@code text} is no size. */
  static @Nullable Long bytes(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    int shift =
        switch (matcher.group(2)) {
          case "", "B" -> 0;
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          case "TiB" -> 40;
          default -> -1;
        };
    long number = Long.parseLong(matcher.group(1));
    return shift < 0 || number > Long.MAX_VALUE >> shift ? null : Long.valueOf(number << shift);
  }

  static String show(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0 && millis > 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 1000 == 0) {
      return millis / 1000 + "s";
    }
    return millis + "ms";
  }

  static String showBytes(long bytes) {
    String[] units = {"", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    long number = bytes;
    while (number >= 1024 && number % 1024 == 0 && unit < units.length - 1) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }
}
