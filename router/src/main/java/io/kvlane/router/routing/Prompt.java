package io.kvlane.router.routing;

import com.dynatrace.hash4j.hashing.Hashing;
import io.kvlane.locality.decision.Homes;
import io.kvlane.locality.decision.RequestFeatures;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's prompt as it is looked for in caches.
 *
 * @param text its text keys, which are always known
 * @param chain the keys by which it is decided: token keys, or the text keys if the token ids are
 *     not known
 * @param tokens length of the prompt
 * @param chunkTokens tokens that a text key stands for
 * @param blockTokens tokens that a key of the chain stands for
 */
record Prompt(
    RequestFacts facts,
    Chain text,
    Chain chain,
    int tokens,
    double chunkTokens,
    double blockTokens) {

  /**
   * What an engine's tokenizer said of a prompt.
   *
   * @param count length of the prompt
   */
  record Tokens(Chain chain, int count) {}

  /** By the best keys that there are; {@code tokens} is null where token ids are not known. */
  static Prompt of(RequestFacts facts, Chain text, @Nullable Tokens tokens, double bytesPerToken) {
    if (tokens == null) {
      return ofText(facts, text, bytesPerToken);
    }
    double chunkTokens = text.root().blockSize() / bytesPerToken;
    return new Prompt(
        facts, text, tokens.chain, tokens.count, chunkTokens, tokens.chain.root().blockSize());
  }

  /** By its text keys. */
  static Prompt ofText(RequestFacts facts, Chain text, double bytesPerToken) {
    double chunkTokens = text.root().blockSize() / bytesPerToken;
    return new Prompt(facts, text, text, tokens(facts, bytesPerToken), chunkTokens, chunkTokens);
  }

  /** How long a prompt should be by its text. */
  static int tokens(RequestFacts facts, double bytesPerToken) {
    return (int) Math.ceil(facts.text().size() / bytesPerToken);
  }

  /** The text keys of a request's prompt. */
  static Chain textKeys(RequestFacts facts, List<Replica> replicas) {
    return facts.text().chain(root(KeySpace.TEXT, facts, replicas, facts.text().blockSize()));
  }

  /** The token keys of a request's prompt; null if its blocks are not known. */
  static @Nullable Tokens tokenKeys(
      RequestFacts facts, List<Replica> replicas, int blockSize, @Nullable Blocks blocks) {
    return blocks == null
        ? null
        : new Tokens(
            blocks.chain(root(KeySpace.TOKENS, facts, replicas, blockSize)), (int) blocks.size());
  }

  /**
   * An engine lists its base model first, then the LoRA adapters that it serves under own names.
   */
  private static ChainRoot root(
      KeySpace space, RequestFacts facts, List<Replica> replicas, int blockSize) {
    List<String> models = replicas.getFirst().state().models();
    String base = models.isEmpty() ? facts.model() : models.getFirst();
    String lora = base.equals(facts.model()) ? "" : facts.model();
    return new ChainRoot(space, base, lora, facts.salt(), blockSize);
  }

  /** Whether text keys decide. */
  boolean byText() {
    return chain.equals(text);
  }

  /** How many keys of the chain cover what a text key covers. */
  double blocksPerChunk() {
    return chunkTokens / blockTokens;
  }

  /** What the decision knows of it; a client's hint stands in for the place that its keys give. */
  RequestFeatures features(Homes.Home home) {
    String hint = facts.affinity();
    long homeKey =
        hint == null
            ? home.key()
            : Blocks.key(text.root().key(), Hashing.xxh3_64().hashCharsToLong(hint));
    return new RequestFeatures(tokens, blockTokens, homeKey, (int) (home.shared() * chunkTokens));
  }
}
