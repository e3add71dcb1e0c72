package io.kvlane.simulator.live.engine;

/**
 * What a request cost, in tokens.
 *
 * @param prompt all prompt tokens, the cached ones included
 * @param completion generated tokens
 * @param cached prompt tokens found in the cache
 */
record Usage(int prompt, int completion, int cached) {}
