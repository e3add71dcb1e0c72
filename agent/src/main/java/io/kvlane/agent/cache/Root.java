package io.kvlane.agent.cache;

import io.kvlane.agent.event.KvEvent.BlockStored;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.ArrayList;
import java.util.List;

/**
 * What a chain's first block says of its root.
 *
 * @param key the root's
 * @param extraKeys of the first block, that belong to its content
 */
record Root(long key, List<String> extraKeys) {

  /**
   * SGLang names the salt. vLLM lists it bare, behind the LoRA adapter and among image identifiers:
   * a string alone is taken for a salt, several for content. Either way such a chain matches no
   * unsalted prompt.
   */
  static Root of(CacheShape shape, BlockStored event) {
    List<String> extras = new ArrayList<>(withoutLora(event, event.extraKeys(0)));
    String salt = event.cacheSalt();
    if (salt != null) {
      extras.remove(salt);
    } else if (extras.size() == 1 && extras.getFirst().indexOf('\0') != 0) {
      salt = extras.removeFirst();
    } else {
      salt = "";
    }
    ChainRoot root =
        new ChainRoot(KeySpace.TOKENS, shape.model(), event.lora(), salt, shape.blockSize());
    return new Root(root.key(), List.copyOf(extras));
  }

  /** vLLM repeats the adapter's name in front of every block's extra keys. */
  static List<String> withoutLora(BlockStored event, List<String> extraKeys) {
    boolean named = !extraKeys.isEmpty() && extraKeys.getFirst().equals(event.lora());
    return named ? extraKeys.subList(1, extraKeys.size()) : extraKeys;
  }
}
