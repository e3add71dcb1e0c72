package io.kvlane.router.policy;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one write does between lock and commit: decide, insert, log, move the head. */
final class WriteTransaction {
  /** How long a used idempotency key is remembered at least; IDM-14 asks for 24 h. */
  static final Duration REMEMBERED = Duration.ofDays(2);

  private final Rows rows;
  private final WriteRequest request;
  private final Rows.Head head;
  private final Instant now;
  private final String writeId;

  /**
   * What it comes to.
   *
   * @param changes whether there is anything to commit
   * @param next the state behind it
   * @param written null if it was refused
   */
  record Result(
      boolean changes, State next, @Nullable Written written, @Nullable Refused refused) {}

  /**
   * @param head locked
   * @param writeId by which the write is found again if the commit's outcome is not heard
   */
  WriteTransaction(Rows rows, WriteRequest request, Rows.Head head, Instant now, String writeId) {
    this.rows = rows;
    this.request = request;
    this.head = head;
    this.now = now;
    this.writeId = writeId;
  }

  Result run(State state, PolicyStore.Decision decision) throws SQLException {
    WriteRequest.Once once = request.once();
    try {
      if (once != null) {
        Optional<Rows.Done> done = rows.done(once);
        if (done.isPresent()) {
          return new Result(false, state, replay(once, done.get(), state), null);
        }
      }
      PolicyStore.Outcome outcome = decision.on(state);
      State next = insert(outcome.decided(), state);
      Written written = outcome.answer().of(next);
      if (once != null) {
        rows.forget(now.minus(REMEMBERED).toEpochMilli());
        rows.insert(once, written, now.toEpochMilli());
      }
      log(next, done(written, outcome.decided()));
      return new Result(true, next, written, null);
    } catch (Refused refused) {
      log(state, refused(refused));
      return new Result(true, state, null, refused);
    }
  }

  /** Logs what is no write. */
  Result note(State state, AuditNote note) throws SQLException {
    Map<String, Object> entry = new TreeMap<>();
    entry.put("outcome", note.outcome());
    entry.put("revision", head.revision());
    entry.put("router", note.router());
    entry.put("noticedAt", Instant.ofEpochMilli(note.at()).toString());
    if (!note.errors().isEmpty()) {
      entry.put("errors", note.errors());
    }
    log(state, entry);
    return new Result(true, state, null, null);
  }

  private static Written replay(WriteRequest.Once once, Rows.Done done, State state)
      throws Refused {
    if (!done.fingerprint().equals(once.fingerprint())) {
      throw Refused.because(
          Refused.Reason.KEY_REUSED, "This Idempotency-Key came with another request.");
    }
    return new Written(done.status(), done.etag(), done.body(), state.revision(), true);
  }

  /**
   * Makes a revision behind one that this store has lost. The numbers between are never used.
   *
   * @param content that it is to have
   */
  Result goOn(State state, long lost, Content content) throws SQLException, InvalidResource {
    List<Diff.Entry> diff = Diff.between(state.content(), content);
    String description = "goes on behind revision " + lost + ", which the restored store had lost";
    List<Content.Delta> deltas = state.content().deltasTo(content);
    Content next = state.content().replay(lost + 1, deltas);
    var decided = new Decided(description, deltas, next, diff);
    State made = insert(decided, state, lost + 1);
    String etag = State.etag(made.revision(), made.hash());
    var written = new Written(200, etag, "", made.revision(), false);
    log(made, done(written, decided));
    return new Result(true, made, written, null);
  }

  private State insert(Decided decided, State state) throws SQLException {
    return decided.deltas().isEmpty() ? state : insert(decided, state, state.revision() + 1);
  }

  private State insert(Decided decided, State state, long number) throws SQLException {
    String hash = Rows.hash(state.hash(), info(number, state, decided, ""), decided.deltas());
    rows.insert(info(number, state, decided, hash));
    for (Content.Delta delta : decided.deltas()) {
      rows.insert(number, delta);
    }
    return new State(number, hash, decided.next());
  }

  private RevisionInfo info(long number, State parent, Decided decided, String hash) {
    return new RevisionInfo(
        number, parent.revision(), request.actor(), now, decided.description(), hash);
  }

  private void log(State next, Map<String, Object> entry) throws SQLException {
    long seq = head.auditSeq() + 1;
    entry.put("seq", seq);
    entry.put("at", now.toString());
    entry.put("actor", request.actor());
    entry.put("action", request.action());
    entry.put("ifMatch", request.ifMatch());
    entry.put("traceId", request.traceId());
    String text = ResourceJson.text(entry);
    String hash = AuditEntry.chained(head.auditHash(), text);
    rows.audit(seq, text, hash, writeId);
    rows.moveHead(head, new Rows.Head(next.revision(), next.hash(), seq, hash));
  }

  private static Map<String, Object> done(Written written, Decided decided) {
    Map<String, Object> entry = new TreeMap<>();
    entry.put("outcome", "DONE");
    entry.put("revision", written.revision());
    entry.put("etag", written.etag());
    entry.put("diff", decided.diff());
    return entry;
  }

  private Map<String, Object> refused(Refused refused) {
    Map<String, Object> entry = new TreeMap<>();
    entry.put("outcome", refused.reason().name());
    entry.put("revision", head.revision());
    entry.put("etag", refused.etag() == null ? "" : refused.etag());
    entry.put("errors", refused.errors());
    return entry;
  }
}
