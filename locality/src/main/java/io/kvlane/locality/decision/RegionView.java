package io.kvlane.locality.decision;

/**
 * Another region as a router sees it by that region's digest.
 *
 * @param id the region's name
 * @param roundTripMs measured network time to it and back
 * @param cachedTokens about how many tokens of the prompt are cached there, on some replica
 * @param waitingTokens prefill tokens that wait per replica there, those included that this router
 *     has sent since
 * @param busy share of time in which a replica there had prefill to do, 0 to 1, lately
 * @param msPerToken prefill time per uncached token
 */
public record RegionView(
    String id,
    double roundTripMs,
    int cachedTokens,
    double waitingTokens,
    double busy,
    double msPerToken) {}
