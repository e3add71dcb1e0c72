package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One line of the audit log.
 *
 * @param seq from 1, without gaps
 * @param entry who, when, what, with which ETag, with which outcome
 * @param hash SHA-256 over the hash of the line before and this line's text
 */
public record AuditEntry(long seq, JsonNode entry, String hash) {
  static String chained(String previous, String text) {
    return Digests.sha256(previous.getBytes(UTF_8), "\n".getBytes(UTF_8), text.getBytes(UTF_8));
  }
}
