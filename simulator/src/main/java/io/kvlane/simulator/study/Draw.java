package io.kvlane.simulator.study;

import io.kvlane.simulator.workload.Shape;
import io.kvlane.simulator.workload.Shape.Kind;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A scenario drawn at random over the generator's parameters: sizes evenly on a logarithmic scale,
 * shares and exponents evenly.
 *
 * @param load share of saturation
 */
record Draw(Shape shape, int regions, int replicasPerRegion, int cacheTokens, double load) {
  private static final List<Kind> KINDS = List.of(Kind.values());

  /** The next scenario of a generator. */
  static Draw next(SplittableRandom random, int requests) {
    int regions = random.nextBoolean() ? 1 : 3;
    double[] weights = new double[regions];
    for (int i = 0; i < regions; i++) {
      weights[i] = random.nextDouble(0.2, 1);
    }
    Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    boolean roams = regions > 1 && random.nextBoolean();
    boolean swings = random.nextBoolean();
    Shape shape =
        new Shape(
            kind,
            requests,
            1,
            whole(random, 1, 100),
            random.nextDouble(0, 1.5),
            whole(random, 1, 300),
            random.nextDouble(0, 1.5),
            whole(random, 200, 10_000),
            whole(random, 50, 4000),
            whole(random, 20, 600),
            random.nextDouble(1, kind == Kind.TREE ? 6 : 16),
            whole(random, 300, 60_000),
            whole(random, 50, 2000),
            whole(random, 200, 3000),
            kind == Kind.TREE ? random.nextInt(2, 6) : random.nextInt(1, 7),
            random.nextDouble(0, 1.2),
            weights,
            roams ? random.nextDouble(0, 0.4) : 0,
            swings ? requests * random.nextDouble(50, 500) : 0);
    return new Draw(
        shape,
        regions,
        regions == 1 ? 8 : 4,
        whole(random, 300_000, 3_000_000),
        random.nextDouble(0.4, 1));
  }

  private static int whole(SplittableRandom random, double low, double high) {
    return (int) Math.round(Math.exp(random.nextDouble(Math.log(low), Math.log(high))));
  }

  @Override
  public String toString() {
    Shape s = shape;
    String parts =
        switch (s.kind()) {
          case RAG ->
              " docs " + s.perPrompt() + " of " + s.documents() + " x " + s.documentTokens();
          case TREE -> " branches " + s.perPrompt() + ", " + turns();
          case CHAT, AGENT -> " " + turns();
          case SHARED -> "";
        };
    return String.format(
        Locale.ROOT,
        "%s %dx%d cache %dk load %.2f tenants %d^%.1f system %d^%.1f x %d user %d answer %d%s"
            + " spread %.1f roam %.2f day %.0fs",
        s.kind().name().toLowerCase(Locale.ROOT),
        regions,
        replicasPerRegion,
        cacheTokens / 1000,
        load,
        s.tenants(),
        s.tenantSkew(),
        s.systemPrompts(),
        s.systemSkew(),
        s.systemTokens(),
        s.userTokens(),
        s.outputTokens(),
        parts,
        s.spread(),
        s.roaming(),
        s.dayMs() / 1e3);
  }

  private String turns() {
    return String.format(Locale.ROOT, "turns %.1f think %.0f", shape.turns(), shape.thinkMs());
  }
}
