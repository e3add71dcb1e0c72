package io.kvlane.router.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A resource, or a set of them, contradicts itself. */
public final class InvalidResource extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<FieldError> errors;

  InvalidResource(List<FieldError> errors) {
    super(
        errors.stream()
            .map(error -> error.path() + ": " + error.message())
            .collect(Collectors.joining("; ")));
    this.errors = List.copyOf(errors);
  }

  /** All that is wrong, never empty. */
  public List<FieldError> errors() {
    return errors;
  }
}
