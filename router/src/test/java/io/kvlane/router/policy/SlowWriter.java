package io.kvlane.router.policy;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;

/**
 * A process that writes some revisions, one after the other, and halts: {@code URL}. Says after
 * each that it was acknowledged, and which one it is.
 */
final class SlowWriter {
  private static final int WRITES = 6;
  private static final Duration PAUSE = Duration.ofMillis(350);

  private SlowWriter() {}

  public static void main(String[] args) throws Exception {
    PolicyStore store = PolicyStore.open(args[0], "", "", InstantSource.system());
    for (int i = 0; i < WRITES; i++) {
      long revision = CrashWriter.write(store, (int) (store.head() + 1) * 10).revision();
      System.out.println(CrashWriter.ACKNOWLEDGED + ' ' + revision + '.');
      System.out.flush();
      await().pollDelay(PAUSE).until(() -> true);
    }
    Runtime.getRuntime().halt(9);
  }
}
