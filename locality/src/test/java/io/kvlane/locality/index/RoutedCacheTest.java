package io.kvlane.locality.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RoutedCacheTest {
  @Test
  void touch_full_givesUpTheTailOfTheOldestChain() {
    RoutedCache cache = new RoutedCache();
    cache.touch(new long[] {1, 2, 3}, 4);

    assertThat(cache.touch(new long[] {7, 8}, 4)).containsExactly(3);
    assertThat(cache.keys()).containsExactly(2, 1, 8, 7);
  }

  @Test
  void touch_again_keepsItYoung() {
    RoutedCache cache = new RoutedCache();
    cache.touch(new long[] {1, 2}, 4);
    cache.touch(new long[] {7, 8}, 4);
    cache.touch(new long[] {1, 2}, 4);

    assertThat(cache.touch(new long[] {9}, 4)).containsExactly(8);
  }

  @Test
  void touch_chainLargerThanTheCache_keepsItsHead() {
    RoutedCache cache = new RoutedCache();

    assertThat(cache.touch(new long[] {1, 2, 3, 4}, 2)).containsExactly(3, 4);
    assertThat(cache.keys()).containsExactly(2, 1);
  }

  @Test
  void touch_smallerCapacity_givesUpAllThatIsTooMuch() {
    RoutedCache cache = new RoutedCache();
    cache.touch(new long[] {1, 2, 3}, 10);
    cache.touch(new long[] {7, 8, 9}, 10);

    assertThat(cache.touch(new long[] {7}, 2)).containsExactly(3, 2, 1, 9);
    assertThat(cache.keys()).containsExactly(8, 7);
  }

  @Property(tries = 100)
  void histories_equalThePlainModel(@ForAll long seed) {
    Random random = new Random(seed);
    RoutedCache cache = new RoutedCache();
    LinkedHashSet<Long> model = new LinkedHashSet<>();
    for (int step = 0; step < 200; step++) {
      int capacity = step % 10 < 8 ? 30 : 1 + random.nextInt(40);
      int family = random.nextInt(12);
      int length = random.nextInt(30);
      long[] chain = new long[length];
      for (int i = 0; i < length; i++) {
        chain[i] = (family + 1) * 0x9e3779b97f4a7c15L * (i + 1);
      }
      List<Long> expected = new ArrayList<>();
      for (int i = Math.min(length, capacity) - 1; i >= 0; i--) {
        if (!model.remove(chain[i]) && model.size() >= capacity) {
          expected.add(model.removeFirst());
        }
        model.add(chain[i]);
      }
      while (model.size() > capacity) {
        expected.add(model.removeFirst());
      }
      for (int i = capacity; i < length; i++) {
        expected.add(chain[i]);
      }
      assertThat(cache.touch(chain, capacity))
          .containsExactly(expected.stream().mapToLong(Long::longValue).toArray());
      assertThat(cache.keys()).containsExactly(model.stream().mapToLong(l -> l).toArray());
    }
  }
}
