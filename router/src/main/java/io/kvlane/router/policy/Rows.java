package io.kvlane.router.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The statements of the policy store, one method each, in the transaction of the caller. */
final class Rows {
  /** The one row of the head. */
  record Head(long revision, String revisionHash, long auditSeq, String auditHash) {}

  private final Connection connection;

  Rows(Connection connection) {
    this.connection = connection;
  }

  /** The head, and no other writer until this transaction ends. */
  Head lock() throws SQLException {
    return head(" FOR UPDATE");
  }

  Head head() throws SQLException {
    return head("");
  }

  private Head head(String suffix) throws SQLException {
    String sql =
        "SELECT revision, revision_hash, audit_seq, audit_hash FROM kvlane_head WHERE id = 1";
    try (var statement = connection.prepareStatement(sql + suffix);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("kvlane_head is empty");
      }
      return new Head(row.getLong(1), row.getString(2), row.getLong(3), row.getString(4));
    }
  }

  /** Compares and sets: fails if the head is not what this write was decided upon. */
  void moveHead(Head from, Head to) throws SQLException {
    String sql =
        "UPDATE kvlane_head SET revision = ?, revision_hash = ?, audit_seq = ?, audit_hash = ?"
            + " WHERE id = 1 AND revision = ? AND audit_seq = ?";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, to.revision);
      statement.setString(2, to.revisionHash);
      statement.setLong(3, to.auditSeq);
      statement.setString(4, to.auditHash);
      statement.setLong(5, from.revision);
      statement.setLong(6, from.auditSeq);
      if (statement.executeUpdate() != 1) {
        throw new SQLException("The head has moved under its lock");
      }
    }
  }

  /** All that a revision holds. */
  Content content(long revision) throws SQLException, InvalidResource {
    String sql =
        "SELECT v.kind, v.id, v.revision, v.content FROM kvlane_resource v JOIN"
            + " (SELECT kind, id, MAX(revision) AS newest FROM kvlane_resource"
            + " WHERE revision <= ? GROUP BY kind, id) m"
            + " ON v.kind = m.kind AND v.id = m.id AND v.revision = m.newest"
            + " WHERE v.content IS NOT NULL";
    var resources = new TreeMap<ResourceKey, Content.Item>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, revision);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String json = row.getString(4);
          Kind kind = Kind.ofCollection(row.getString(1)).orElseThrow();
          Resource resource = ResourceJson.read(kind, ResourceJson.parse(json));
          resources.put(
              new ResourceKey(kind, row.getString(2)),
              new Content.Item(resource, json, row.getLong(3)));
        }
      }
    }
    return new Content(resources);
  }

  /** What the revisions between two changed, oldest first; null if {@code from} is not as known. */
  @Nullable List<Numbered> deltas(State from, long to) throws SQLException {
    List<RevisionInfo> known = revisions(from.revision() + 1, 1);
    if (known.isEmpty() || !known.getFirst().hash().equals(from.hash())) {
      return null;
    }
    String sql =
        "SELECT revision, kind, id, content FROM kvlane_resource"
            + " WHERE revision > ? AND revision <= ? ORDER BY revision";
    List<Numbered> deltas = new ArrayList<>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, from.revision());
      statement.setLong(2, to);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Kind kind = Kind.ofCollection(row.getString(2)).orElseThrow();
          var key = new ResourceKey(kind, row.getString(3));
          deltas.add(new Numbered(row.getLong(1), new Content.Delta(key, row.getString(4))));
        }
      }
    }
    return deltas;
  }

  /** A resource's changes from a revision on, oldest first. */
  List<Numbered> changes(ResourceKey key, long from) throws SQLException {
    String sql =
        "SELECT revision, content FROM kvlane_resource WHERE kind = ? AND id = ?"
            + " AND revision >= ? ORDER BY revision LIMIT 3000";
    List<Numbered> changes = new ArrayList<>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, key.kind().collection());
      statement.setString(2, key.id());
      statement.setLong(3, from);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          changes.add(new Numbered(row.getLong(1), new Content.Delta(key, row.getString(2))));
        }
      }
    }
    return changes;
  }

  /** A delta and the revision it is of. */
  record Numbered(long revision, Content.Delta delta) {}

  void insert(RevisionInfo revision) throws SQLException {
    String sql =
        "INSERT INTO kvlane_revision (revision, parent, author, created_ms, description, hash)"
            + " VALUES (?, ?, ?, ?, ?, ?)";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, revision.revision());
      statement.setLong(2, revision.parent());
      statement.setString(3, revision.author());
      statement.setLong(4, revision.createdAt().toEpochMilli());
      statement.setString(5, revision.description());
      statement.setString(6, revision.hash());
      statement.executeUpdate();
    }
  }

  void insert(long revision, Content.Delta delta) throws SQLException {
    String sql = "INSERT INTO kvlane_resource (kind, id, revision, content) VALUES (?, ?, ?, ?)";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, delta.key().kind().collection());
      statement.setString(2, delta.key().id());
      statement.setLong(3, revision);
      statement.setString(4, delta.json());
      statement.executeUpdate();
    }
  }

  /** Newest first. */
  List<RevisionInfo> revisions(long below, int limit) throws SQLException {
    String sql =
        "SELECT revision, parent, author, created_ms, description, hash FROM kvlane_revision"
            + " WHERE revision < ? ORDER BY revision DESC LIMIT ?";
    List<RevisionInfo> revisions = new ArrayList<>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, below);
      statement.setInt(2, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          revisions.add(
              new RevisionInfo(
                  row.getLong(1),
                  row.getLong(2),
                  row.getString(3),
                  Instant.ofEpochMilli(row.getLong(4)),
                  row.getString(5),
                  row.getString(6)));
        }
      }
    }
    return revisions;
  }

  void audit(long seq, String entry, String hash, String writeId) throws SQLException {
    String sql = "INSERT INTO kvlane_audit (seq, entry, hash, write_id) VALUES (?, ?, ?, ?)";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, seq);
      statement.setString(2, entry);
      statement.setString(3, hash);
      statement.setString(4, writeId);
      statement.executeUpdate();
    }
  }

  boolean audited(String writeId) throws SQLException {
    String sql = "SELECT seq FROM kvlane_audit WHERE write_id = ?";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, writeId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** A line of the audit log as it is stored. */
  record AuditLine(long seq, String entry, String hash) {}

  /** Oldest first. */
  List<AuditLine> audit(long above, int limit) throws SQLException {
    return audit("seq > ? ORDER BY seq", above, limit);
  }

  /** Newest first. */
  List<AuditLine> auditBelow(long below, int limit) throws SQLException {
    return audit("seq < ? ORDER BY seq DESC", below, limit);
  }

  private List<AuditLine> audit(String which, long bound, int limit) throws SQLException {
    String sql = "SELECT seq, entry, hash FROM kvlane_audit WHERE " + which + " LIMIT ?";
    List<AuditLine> lines = new ArrayList<>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, bound);
      statement.setInt(2, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          lines.add(new AuditLine(row.getLong(1), row.getString(2), row.getString(3)));
        }
      }
    }
    return lines;
  }

  /** What an earlier request with that key led to, and what it asked for. */
  record Done(String fingerprint, int status, String etag, String body) {}

  Optional<Done> done(WriteRequest.Once once) throws SQLException {
    String sql =
        "SELECT fingerprint, status, etag, body FROM kvlane_idempotency"
            + " WHERE scope = ? AND idem_key = ?";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, once.scope());
      statement.setString(2, once.key());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Done(row.getString(1), row.getInt(2), row.getString(3), row.getString(4)))
            : Optional.empty();
      }
    }
  }

  void insert(WriteRequest.Once once, Written written, long now) throws SQLException {
    String sql =
        "INSERT INTO kvlane_idempotency"
            + " (scope, idem_key, fingerprint, status, etag, body, created_ms)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, once.scope());
      statement.setString(2, once.key());
      statement.setString(3, once.fingerprint());
      statement.setInt(4, written.status());
      statement.setString(5, written.etag());
      statement.setString(6, written.body());
      statement.setLong(7, now);
      statement.executeUpdate();
    }
  }

  /** Forgets the keys that were used before that time. */
  void forget(long before) throws SQLException {
    String sql = "DELETE FROM kvlane_idempotency WHERE created_ms < ?";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setLong(1, before);
      statement.executeUpdate();
    }
  }

  /** The hash of a revision, chained to that of its parent. */
  static String hash(String parent, RevisionInfo revision, List<Content.Delta> deltas) {
    var text = new StringBuilder(parent).append('\n').append(revision.revision());
    text.append('\n').append(revision.author()).append('\n').append(revision.createdAt());
    text.append('\n').append(revision.description());
    for (Content.Delta delta : deltas) {
      @Nullable String json = delta.json();
      text.append('\n').append(delta.key()).append('\n').append(json == null ? "-" : json);
    }
    return Digests.sha256(text.toString().getBytes(UTF_8));
  }
}
