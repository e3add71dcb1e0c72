package io.kvlane.router.policy;

import java.time.Instant;

/**
 * What is known of a revision, which never changes.
 *
 * @param parent the revision before, 0 for none
 * @param hash SHA-256 over the parent's hash and all of this revision, so that the newest hash
 *     stands for the whole history
 */
public record RevisionInfo(
    long revision, long parent, String author, Instant createdAt, String description, String hash) {
  /** The strong ETag of the whole revision. */
  public String etag() {
    return State.etag(revision, hash);
  }
}
