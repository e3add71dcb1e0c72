package io.kvlane.locality.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HomesTest {
  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TOKENS, "m", "", "", 16);

  private static Chain chain(int shared, int user, int blocks) {
    int[] tokens = new Random(user).ints(blocks * 16L).toArray();
    int[] prompt = new Random(-1).ints(shared * 16L).toArray();
    System.arraycopy(prompt, 0, tokens, 0, prompt.length);
    return Blocks.tokens(tokens, 16).chain(ROOT);
  }

  @Test
  void home_sharedSystemPrompt_spreadsOnceItIsKnownToBeShared() {
    Homes homes = new Homes();
    Set<Long> seen = new HashSet<>();
    for (int user = 0; user < 200; user++) {
      seen.add(homes.home(chain(32, user, 100), 8).key());
      homes.note(chain(32, user, 100).keys());
    }

    assertThat(seen).hasSizeGreaterThan(150);
  }

  /**
   * 40 blocks are everybody's, so 32 are known to be, and what is held beyond may be a user's own.
   */
  @Test
  void home_sharedSystemPrompt_isSharedAsFarAsItIsKnownToBe() {
    Homes homes = new Homes();
    for (int user = 0; user < 200; user++) {
      homes.note(chain(40, user, 100).keys());
    }

    assertThat(homes.home(chain(40, 7, 100), 8).shared()).isEqualTo(32);
    assertThat(homes.home(chain(40, 7, 50), 8).shared()).isEqualTo(32);
    assertThat(homes.home(chain(0, 7, 100), 8).shared()).isZero();
  }

  @Test
  void home_laterTurnsOfOneUser_meet() {
    Homes homes = new Homes();
    for (int user = 0; user < 200; user++) {
      homes.note(chain(32, user, 100).keys());
    }

    assertThat(homes.home(chain(32, 7, 120), 8)).isEqualTo(homes.home(chain(32, 7, 100), 8));
  }

  @Test
  void home_shortPrompt_isItsLastBlock() {
    Chain chain = chain(0, 1, 1);

    assertThat(new Homes().home(chain, 8)).isEqualTo(new Homes.Home(chain.key(0), 0));
    assertThat(new Homes().home(chain(0, 1, 0), 8)).isEqualTo(new Homes.Home(ROOT.key(), 0));
  }
}
