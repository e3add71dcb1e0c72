package io.kvlane.router.policy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What the two databases want to be told differently. */
enum Dialect {
  /** Embedded, one process. */
  H2("SET LOCK_TIMEOUT 5000") {
    // Java closes an ordinary file channel under a thread that is interrupted, as those of pools
    // are that shut down, and with it the database under everybody else. And once version 2.5.252
    // uses space of its file again, 45 s after it began, the end of the file is not its newest part
    // any more, but what it goes on with if the process is killed: acknowledged commits were gone.
    @Override
    String url(String configured) {
      return configured.replaceFirst("^jdbc:h2:file:", "jdbc:h2:async:")
          + ";REUSE_SPACE=FALSE;AUTO_COMPACT_FILL_RATE=0";
    }

    // Version 2.5.252 can lose a committed update of a row that another transaction locks with FOR
    // UPDATE while the first commits, and then rolls back: the head was behind its own revisions.
    @Override
    boolean oneWriter() {
      return true;
    }

    // H2 acknowledges a commit up to half a second before it is on disk; this waits for it.
    @Override
    void makeDurable(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CHECKPOINT SYNC");
      }
    }
  },
  /** A writer that hangs must not stop the others for long, and the server must not forget. */
  POSTGRESQL(
      "SET synchronous_commit = on; SET lock_timeout = '5s'; SET statement_timeout = '10s';"
          + " SET idle_in_transaction_session_timeout = '10s'") {
    @Override
    void makeDurable(Connection connection) {}
  };

  private final String session;

  Dialect(String session) {
    this.session = session;
  }

  /** The URL as the driver gets it. */
  String url(String configured) {
    return configured;
  }

  /** What each connection begins with. */
  String session() {
    return session;
  }

  /** Whether the writers of a process must not even begin before the one in front has ended. */
  boolean oneWriter() {
    return false;
  }

  /** Returns when what was committed survives the end of the process. */
  abstract void makeDurable(Connection connection) throws SQLException;

  /** The one that a JDBC URL means. */
  static Dialect of(String url) {
    if (url.startsWith("jdbc:h2:")) {
      return H2;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw new IllegalArgumentException(
        "Not a policy store's URL (expected: jdbc:h2:... or jdbc:postgresql:...)");
  }
}
