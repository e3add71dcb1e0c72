package io.kvlane.router.policy;

/**
 * What became of a write, as its writer is told.
 *
 * @param status of HTTP
 * @param etag of what was written, empty for none
 * @param body JSON
 * @param revision in which the write shows
 * @param replayed whether an earlier, equal request did it
 */
public record Written(int status, String etag, String body, long revision, boolean replayed) {}
