package io.kvlane.router.policy;

import com.fasterxml.jackson.databind.JsonNode;

/** What a write wants of one resource. */
public sealed interface Change {
  ResourceKey key();

  Precondition precondition();

  /** It is to be as {@code document} says, new or not. */
  record Put(ResourceKey key, JsonNode document, Precondition precondition) implements Change {}

  /** Those fields of it are to be as {@code patch} says (RFC 7396). */
  record Patch(ResourceKey key, JsonNode patch, Precondition precondition) implements Change {}

  /** It is to be as the router has made it, new or not: nobody's document says so. */
  record Made(Resource resource, Precondition precondition) implements Change {
    @Override
    public ResourceKey key() {
      return resource.key();
    }
  }

  /** It is to go. */
  record Delete(ResourceKey key, Precondition precondition) implements Change {}
}
