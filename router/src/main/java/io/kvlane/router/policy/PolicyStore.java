package io.kvlane.router.policy;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where revisions are kept: a SQL database, so that a write is a transaction that compares and sets
 * the head and that survives whoever makes it. Writers take a row lock first and so come one after
 * the other; between lock and commit nothing is done but deciding and inserting.
 *
 * <p>All methods block. Safe for any thread. Reads see what was acknowledged before they began.
 */
public final class PolicyStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyStore.class);

  private static final long WAIT_SECONDS = 5;

  /** Of all stores of this process whose database needs that. */
  private static final ReentrantLock WRITERS = new ReentrantLock(true);

  private final DataSource source;
  private final Dialect dialect;
  private final InstantSource clock;

  /** Revision 1, until it is known that there is one. */
  private volatile @Nullable Policy first;

  /** The newest state that was read. */
  private volatile State cached = State.NONE;

  PolicyStore(DataSource source, Dialect dialect, InstantSource clock) {
    this(source, dialect, null, clock);
  }

  private PolicyStore(
      DataSource source, Dialect dialect, @Nullable Policy first, InstantSource clock) {
    this.source = source;
    this.dialect = dialect;
    this.first = first;
    this.clock = clock;
  }

  /** What a write would lead to, and what its writer is told then. */
  public record Outcome(Decided decided, Answer answer) {}

  /** What the writer is told, once it is known which state comes out. */
  @FunctionalInterface
  public interface Answer {
    Written of(State next);
  }

  /** Decides about a write, with the head's state before its eyes. */
  @FunctionalInterface
  public interface Decision {
    Outcome on(State state) throws Refused;
  }

  /**
   * A store that is opened when it is used for the first time, and answers: then its tables are
   * brought up to date.
   *
   * @param url {@code jdbc:h2:file:...} or {@code jdbc:postgresql:...}
   * @param first revision 1, if there is none yet: the default policy
   */
  public static PolicyStore of(
      String url, String user, String password, Policy first, InstantSource clock) {
    Dialect dialect = Dialect.of(url);
    var config = new HikariConfig();
    config.setJdbcUrl(dialect.url(url));
    config.setUsername(user);
    config.setPassword(password);
    config.setConnectionInitSql(dialect.session());
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(5000);
    config.setInitializationFailTimeout(-1);
    config.setPoolName("policy-store");
    return new PolicyStore(new HikariDataSource(config), dialect, first, clock);
  }

  /** The same, already opened. */
  static PolicyStore open(String url, String user, String password, InstantSource clock) {
    PolicyStore store = of(url, user, password, Policy.DEFAULTS, clock);
    store.head();
    return store;
  }

  private Connection connect() throws SQLException {
    begun();
    return source.getConnection();
  }

  private void begun() {
    if (first != null) {
      begin();
    }
  }

  /** One after the other in this process: on H2, Flyway itself does not keep them apart. */
  static synchronized void migrate(DataSource source) {
    Flyway.configure()
        .dataSource(source)
        .locations("classpath:io/kvlane/router/policy/migration")
        .table("kvlane_schema")
        .load()
        .migrate();
  }

  /** Nobody sees the store before revision 1 is in it. */
  private synchronized void begin() {
    Policy policy = first;
    if (policy == null) {
      return;
    }
    try {
      migrate(source);
    } catch (FlywayException e) {
      throw unavailable(e, false);
    }
    begin(new PolicyStore(source, dialect, clock), policy);
    first = null;
  }

  /** Revision 1 is the default policy, whichever router comes first. */
  private static void begin(PolicyStore store, Policy policy) {
    if (store.head() > 0) {
      return;
    }
    State built = Policies.builtIn(policy);
    List<Content.Delta> deltas = new ArrayList<>();
    for (Content.Item item : built.content().resources().values()) {
      deltas.add(new Content.Delta(item.resource().key(), item.json()));
    }
    // Routers that begin together: the first one does, the others are told the same.
    var once = new WriteRequest.Once("kvlane", "create the store", "");
    try {
      store.write(
          new WriteRequest("kvlane", "create the store", "", "", once),
          state -> {
            boolean begun = state.revision() > 0;
            Content next = begun ? state.content() : built.content();
            List<Diff.Entry> diff = Diff.between(state.content(), next);
            Decided decided = new Decided("built in", begun ? List.of() : deltas, next, diff);
            return new Outcome(decided, now -> new Written(200, "", "", now.revision(), false));
          });
    } catch (Refused e) {
      throw new IllegalStateException(e);
    }
  }

  /** The newest revision and all that it holds. */
  public State current() {
    return read(
        rows -> {
          Rows.Head head = rows.head();
          return state(rows, head.revision(), head.revisionHash());
        });
  }

  /** An older revision and all that it held; empty if there is none. */
  public Optional<State> at(long revision) {
    return read(
        rows -> {
          Optional<RevisionInfo> found = revision(rows, revision);
          return found.isEmpty()
              ? Optional.empty()
              : Optional.of(new State(revision, found.get().hash(), rows.content(revision)));
        });
  }

  /**
   * A canary that has begun or ended.
   *
   * @param canary null if it has ended
   */
  public record CanaryChange(long revision, @Nullable Canary canary) {}

  /** Those from a revision on, oldest first, at most some thousands. */
  public List<CanaryChange> canaries(long from) {
    return read(
        rows -> {
          List<CanaryChange> changes = new ArrayList<>();
          for (Rows.Numbered numbered : rows.changes(Canary.KEY, from)) {
            String json = numbered.delta().json();
            Resource resource =
                json == null ? null : ResourceJson.read(Kind.CANARY, ResourceJson.parse(json));
            changes.add(new CanaryChange(numbered.revision(), (Canary) resource));
          }
          return changes;
        });
  }

  /** What is known of a revision; empty if there is none. */
  public Optional<RevisionInfo> revision(long revision) {
    return read(rows -> revision(rows, revision));
  }

  private static Optional<RevisionInfo> revision(Rows rows, long revision) throws SQLException {
    return rows.revisions(revision + 1, 1).stream()
        .filter(found -> found.revision() == revision)
        .findFirst();
  }

  /** The number of the newest revision; cheap. */
  public long head() {
    return read(rows -> rows.head().revision());
  }

  /** Newest first, below a revision's number. */
  public List<RevisionInfo> revisions(long below, int limit) {
    return read(rows -> rows.revisions(below, limit));
  }

  /** Oldest first, above a line's number. */
  public List<AuditEntry> audit(long above, int limit) {
    return read(rows -> entries(rows.audit(above, limit)));
  }

  /** Newest first, below a line's number. */
  public List<AuditEntry> auditBelow(long below, int limit) {
    return read(rows -> entries(rows.auditBelow(below, limit)));
  }

  private static List<AuditEntry> entries(List<Rows.AuditLine> lines) throws InvalidResource {
    List<AuditEntry> entries = new ArrayList<>();
    for (Rows.AuditLine line : lines) {
      entries.add(new AuditEntry(line.seq(), ResourceJson.parse(line.entry()), line.hash()));
    }
    return entries;
  }

  /** Goes through the whole audit log: no line changed, none missing, none behind the head. */
  public AuditReport verifyAudit() {
    return read(
        rows -> {
          Rows.Head head = rows.head();
          String hash = State.NONE.hash();
          long seq = 0;
          while (seq < head.auditSeq()) {
            List<Rows.AuditLine> lines = rows.audit(seq, 1000);
            if (lines.isEmpty()) {
              return new AuditReport(seq, hash, "line " + (seq + 1) + " is missing");
            }
            for (Rows.AuditLine line : lines) {
              if (line.seq() != seq + 1) {
                return new AuditReport(seq, hash, "line " + (seq + 1) + " is missing");
              }
              String chained = AuditEntry.chained(hash, line.entry());
              if (!chained.equals(line.hash())) {
                return new AuditReport(seq, hash, "line " + line.seq() + " was changed");
              }
              hash = chained;
              seq++;
              if (seq == head.auditSeq()) {
                break;
              }
            }
          }
          boolean same = hash.equals(head.auditHash());
          return new AuditReport(seq, hash, same ? "" : "the last line is not the head");
        });
  }

  /**
   * Writes: decides on the head's state and commits what was decided, with its line of the audit
   * log. A refusal is logged too.
   *
   * @throws Refused if the decision is to refuse; nothing has changed
   * @throws StoreUnavailable if the store does not answer; see {@link
   *     StoreUnavailable#outcomeUnknown()}
   */
  public Written write(WriteRequest request, Decision decision) throws Refused {
    return told(
        inTurn(() -> transact(request, (transaction, state) -> transaction.run(state, decision))));
  }

  /**
   * Goes on behind what this store has lost and routers serve, because it was restored from a
   * backup: the revision that is made is above all that was served, so that every router takes it.
   *
   * @param served what routers serve
   * @param keep whether its content holds from now on; otherwise the store's own does
   * @return the number of the revision that was made; empty if nothing is lost
   */
  public OptionalLong goOn(String author, State served, boolean keep) {
    var request = new WriteRequest(author, "reconcile", "", "", null);
    WriteTransaction.Result result =
        inTurn(
            () ->
                transact(
                    request,
                    (transaction, state) ->
                        state.hasLost(served)
                            ? transaction.goOn(
                                state, served.revision(), keep ? served.content() : state.content())
                            : new WriteTransaction.Result(false, state, null, null)));
    cached = result.next();
    Written written = result.written();
    return written == null ? OptionalLong.empty() : OptionalLong.of(written.revision());
  }

  private WriteTransaction.Result inTurn(Supplier<WriteTransaction.Result> writing) {
    // Not in turn: revision 1 is a write too.
    begun();
    if (!dialect.oneWriter()) {
      return writing.get();
    }
    try {
      if (!WRITERS.tryLock(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw unavailable(new SQLException("Other writers take too long"), false);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e, false);
    }
    try {
      return writing.get();
    } finally {
      WRITERS.unlock();
    }
  }

  /**
   * Logs what is no write.
   *
   * @throws StoreUnavailable if the store does not answer; the line may be there all the same
   */
  public void note(AuditNote note) {
    var request = new WriteRequest(note.actor(), note.action(), "", note.traceId(), null);
    inTurn(() -> transact(request, (transaction, state) -> transaction.note(state, note)));
  }

  /** What is done between lock and commit. */
  @FunctionalInterface
  private interface Step {
    WriteTransaction.Result of(WriteTransaction transaction, State state)
        throws SQLException, InvalidResource;
  }

  private WriteTransaction.Result transact(WriteRequest request, Step step) {
    String writeId = UUID.randomUUID().toString();
    WriteTransaction.Result result = null;
    boolean committing = false;
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try {
        var rows = new Rows(connection);
        Rows.Head head = rows.lock();
        State state = state(rows, head.revision(), head.revisionHash());
        Instant now = Instant.ofEpochMilli(clock.millis());
        result = step.of(new WriteTransaction(rows, request, head, now, writeId), state);
      } catch (SQLException | InvalidResource | RuntimeException e) {
        connection.rollback();
        throw e;
      }
      if (result.changes()) {
        committing = true;
        connection.commit();
        dialect.makeDurable(connection);
      } else {
        connection.rollback();
      }
    } catch (SQLException | InvalidResource e) {
      // The connection is closed by now, so that asking does not wait for this very write.
      if (!committing || !happened(writeId, e)) {
        throw unavailable(e, false);
      }
    }
    return requireNonNull(result);
  }

  private Written told(WriteTransaction.Result result) throws Refused {
    cached = result.next();
    if (result.refused() != null) {
      throw result.refused();
    }
    return requireNonNull(result.written());
  }

  /**
   * Whether an interrupted commit took place. The lock waits until the database has ended that
   * transaction one way or the other.
   */
  private boolean happened(String writeId, Exception interrupted) {
    log.warn("A commit was interrupted; asking for its outcome", interrupted);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try {
        var rows = new Rows(connection);
        rows.lock();
        boolean happened = rows.audited(writeId);
        connection.rollback();
        if (happened) {
          dialect.makeDurable(connection);
        }
        return happened;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      e.addSuppressed(interrupted);
      throw unavailable(e, true);
    }
  }

  private State state(Rows rows, long revision, String hash) throws SQLException, InvalidResource {
    State known = cached;
    if (known.revision() == revision && known.hash().equals(hash)) {
      return known;
    }
    State state = new State(revision, hash, content(rows, known, revision));
    cached = state;
    return state;
  }

  /** Follows the deltas from what is known; reads all where that leads nowhere. */
  private static Content content(Rows rows, State known, long revision)
      throws SQLException, InvalidResource {
    List<Rows.Numbered> deltas = known.revision() < revision ? rows.deltas(known, revision) : null;
    if (deltas == null) {
      return rows.content(revision);
    }
    Content content = known.content();
    for (Rows.Numbered numbered : deltas) {
      content = content.replay(numbered.revision(), List.of(numbered.delta()));
    }
    return content;
  }

  /** Reads within one transaction. */
  private interface Reading<T> {
    T from(Rows rows) throws SQLException, InvalidResource;
  }

  private <T> T read(Reading<T> reading) {
    try (Connection connection = connect()) {
      connection.setAutoCommit(true);
      return reading.from(new Rows(connection));
    } catch (SQLException | InvalidResource e) {
      throw unavailable(e, false);
    }
  }

  private static StoreUnavailable unavailable(Exception e, boolean unknown) {
    return new StoreUnavailable("The policy store does not answer", unknown, e);
  }

  @Override
  public void close() {
    if (source instanceof HikariDataSource pool) {
      pool.close();
    }
  }
}
