package io.kvlane.simulator.fleet;

import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import io.kvlane.simulator.engine.VirtualEngine;

/**
 * One request of a workload.
 *
 * @param number position in the workload, from 0
 * @param atNanos arrival from the start; if the request follows another, the pause after its end
 * @param follows number of the request whose end this one waits for, or {@link #NOTHING}
 * @param region region of the client, from 0
 * @param session equal for the requests of one conversation
 * @param tenant whose prefixes are shared
 * @param blocks keys of the prompt's blocks, then of those that the answer completes
 * @param promptBlocks how many of {@code blocks} the prompt has; the last may be partial
 * @param promptTokens length of the prompt, at least 1
 * @param outputTokens length of the answer, at least 1
 */
public record Request(
    int number,
    long atNanos,
    int follows,
    int region,
    int session,
    int tenant,
    long[] blocks,
    int promptBlocks,
    int promptTokens,
    int outputTokens)
    implements VirtualEngine.Job {
  /** Follows no other request. */
  public static final int NOTHING = -1;

  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TOKENS, "simulated", "", "", 1);

  /** The prompt's blocks as the locality map knows them. */
  public Chain chain() {
    return Chain.of(
        ROOT,
        promptBlocks == blocks.length ? blocks : java.util.Arrays.copyOf(blocks, promptBlocks));
  }

  /** Key of the prompt's block {@code i}. */
  public long block(int i) {
    return blocks[i];
  }
}
