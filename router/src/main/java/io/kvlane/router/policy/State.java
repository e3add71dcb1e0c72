package io.kvlane.router.policy;

/**
 * A revision and all that it holds. Immutable.
 *
 * @param revision 0 for none
 * @param hash of the revision, chained over all before it; see {@link RevisionInfo}
 */
public record State(long revision, String hash, Content content) {
  /** What came before the first revision. */
  public static final State NONE = new State(0, "0".repeat(64), Content.EMPTY);

  /** The strong ETag of the whole. */
  public String etag() {
    return etag(revision, hash);
  }

  static String etag(long revision, String hash) {
    return "\"r" + revision + '-' + hash.substring(0, 16) + '"';
  }
}
