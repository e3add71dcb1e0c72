package io.kvlane.simulator.workload;

import java.util.Arrays;

/**
 * The parameters of generated traffic. Lengths are means of log-normal distributions, in tokens;
 * what a kind of traffic has no use for is ignored.
 *
 * @param kind what requests have in common
 * @param requests how many
 * @param sessionsPerSecond conversations, or jobs, begun a second over all regions
 * @param tenants whose contents are never shared; drawn by Zipf
 * @param tenantSkew exponent of that Zipf law, 0 for even
 * @param systemPrompts number of system prompts per tenant; drawn by Zipf
 * @param systemSkew exponent of that Zipf law
 * @param systemTokens length of a system prompt
 * @param userTokens length of a turn's new text
 * @param outputTokens length of an answer
 * @param turns mean turns of a conversation, steps of an agent, or depth of a tree
 * @param thinkMs mean pause between an answer and the next turn
 * @param documents size of the document collection
 * @param documentTokens length of a document
 * @param perPrompt documents in a prompt, or branches of a tree
 * @param spread sigma of the log-normal lengths
 * @param regionWeights share of the sessions by region
 * @param roaming probability that a turn comes from another region than the one before
 * @param dayMs period of the arrival rate's swing, 0 for none; regions are a third of it apart
 */
public record Shape(
    Kind kind,
    int requests,
    double sessionsPerSecond,
    int tenants,
    double tenantSkew,
    int systemPrompts,
    double systemSkew,
    int systemTokens,
    int userTokens,
    int outputTokens,
    double turns,
    double thinkMs,
    int documents,
    int documentTokens,
    int perPrompt,
    double spread,
    double[] regionWeights,
    double roaming,
    double dayMs) {

  /** What requests have in common. */
  public enum Kind {
    /** Conversations: a system prompt, then turns that repeat all before. */
    CHAT,
    /** Single requests: a system prompt, then something new. */
    SHARED,
    /** Agents: long append-only loops with short pauses. */
    AGENT,
    /** A system prompt, documents in changing order, a question. */
    RAG,
    /** Branches that part from one another and are asked at the same time. */
    TREE
  }

  /** The same with other weights, for a fleet of so many regions. */
  public Shape in(int regions) {
    double[] weights =
        regions == regionWeights.length ? regionWeights : Arrays.copyOf(regionWeights, regions);
    if (regions > regionWeights.length) {
      Arrays.fill(weights, regionWeights.length, regions, 1);
    }
    return new Shape(
        kind,
        requests,
        sessionsPerSecond,
        tenants,
        tenantSkew,
        systemPrompts,
        systemSkew,
        systemTokens,
        userTokens,
        outputTokens,
        turns,
        thinkMs,
        documents,
        documentTokens,
        perPrompt,
        spread,
        weights,
        roaming,
        dayMs);
  }
}
