package io.kvlane.router.policy;

/**
 * What is wrong with one field.
 *
 * @param path a JSON pointer (RFC 6901) into the document, empty for all of it
 */
public record FieldError(String path, String message) {
  /** The same below {@code parent}, a JSON pointer. */
  public FieldError under(String parent) {
    return new FieldError(parent + path, message);
  }
}
