package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The range of a plot's axis and where its numbers stand.
 *
 * @param min first value, a round number
 * @param max last value, a round number
 * @param ticks round numbers from min to max
 */
record Scale(Scale.Axis axis, double min, double max, List<Double> ticks) {
  private static final int LINEAR_TICKS = 6;

  /**
   * An axis.
   *
   * @param logarithmic only for values above 0
   */
  record Axis(String label, boolean logarithmic) {
    /** Whether a value has a place on it. */
    boolean takes(double value) {
      return Double.isFinite(value) && (!logarithmic || value > 0);
    }
  }

  /** Where a value is, 0 to 1. */
  double at(double value) {
    return axis.logarithmic()
        ? Math.log(value / min) / Math.log(max / min)
        : (value - min) / (max - min);
  }

  /** Holds all values that the axis takes. */
  static Scale of(Axis axis, List<double[]> all) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double[] values : all) {
      for (double value : values) {
        if (axis.takes(value)) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }
    }
    if (min > max) {
      min = max = 1;
    }
    return axis.logarithmic ? logarithmic(axis, min, max) : linear(axis, min, max);
  }

  private static Scale linear(Axis axis, double least, double most) {
    double min = Math.min(0, least);
    double max = most > min ? most : min + 1;
    double rough = (max - min) / LINEAR_TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = rough <= 2 * power ? 2 * power : rough <= 5 * power ? 5 * power : 10 * power;
    List<Double> ticks = new ArrayList<>();
    long from = (long) Math.floor(min / step + 1e-9);
    long to = (long) Math.ceil(max / step - 1e-9);
    for (long i = from; i <= to; i++) {
      ticks.add(i * step);
    }
    return new Scale(axis, from * step, to * step, ticks);
  }

  /** From 1, 2 or 5 times a power of ten to another. */
  private static Scale logarithmic(Axis axis, double least, double most) {
    List<Double> ticks = new ArrayList<>();
    int[] steps = {1, 2, 5};
    int from = (int) Math.floor(Math.log10(least));
    int to = (int) Math.ceil(Math.log10(most)) + 1;
    for (int power = from; power <= to; power++) {
      for (int step : steps) {
        double tick = step * Math.pow(10, power);
        if (tick <= least) {
          ticks.clear();
        }
        if (ticks.size() < 2 || ticks.getLast() < most) {
          ticks.add(tick);
        }
      }
    }
    double min = ticks.getFirst();
    double max = ticks.getLast();
    if (max / min > 1e4) {
      ticks.removeIf(tick -> Math.abs(Math.log10(tick) - Math.rint(Math.log10(tick))) > 1e-9);
    }
    return new Scale(axis, min, max, ticks);
  }

  static String label(double value) {
    double magnitude = Math.abs(value);
    if (magnitude >= 1e6) {
      return label(value / 1e6) + "M";
    }
    return magnitude >= 1000
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }
}
