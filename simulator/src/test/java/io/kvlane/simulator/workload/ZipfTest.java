package io.kvlane.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZipfTest {
  private static double[] shares(int n, double exponent) {
    Zipf zipf = new Zipf(n, exponent);
    SplittableRandom random = new SplittableRandom(1);
    double[] shares = new double[n];
    for (int i = 0; i < 100_000; i++) {
      shares[zipf.draw(random)] += 1e-5;
    }
    return shares;
  }

  @Test
  void draw_exponent1_halvesAndThirds() {
    double[] shares = shares(3, 1);

    // 1 : 1/2 : 1/3
    assertThat(shares).containsExactly(new double[] {6 / 11.0, 3 / 11.0, 2 / 11.0}, within(0.01));
  }

  @Test
  void draw_exponent0_isEven() {
    assertThat(shares(4, 0)).containsExactly(new double[] {0.25, 0.25, 0.25, 0.25}, within(0.01));
  }

  @Test
  void draw_one_isThatOne() {
    assertThat(shares(1, 2)).containsExactly(new double[] {1}, within(1e-6));
  }
}
