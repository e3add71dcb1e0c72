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

  /**
   * Whether a store with this newest revision has lost what is served: it has an older one, or
   * another one of the same number. So it is when it was restored from a backup.
   */
  public boolean hasLost(State served) {
    return revision < served.revision || (revision == served.revision && !hash.equals(served.hash));
  }

  static String etag(long revision, String hash) {
    return "\"r" + revision + '-' + hash.substring(0, 16) + '"';
  }
}
