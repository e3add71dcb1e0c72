package io.kvlane.router.policy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What the two databases want to be told differently. */
enum Dialect {
  /** Embedded, one process. */
  H2("SET LOCK_TIMEOUT 5000") {
    // A pool that shuts down interrupts threads that are just connecting. Java closes an ordinary
    // file channel under an interrupted thread, and with it the database under everybody else.
    @Override
    String url(String configured) {
      return configured.replaceFirst("^jdbc:h2:file:", "jdbc:h2:async:");
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
