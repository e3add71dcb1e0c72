package io.kvlane.router.policy;

class PostgresHistoryIT extends HistoryContract {
  @Override
  String newDatabase() throws Exception {
    return PostgresServer.newDatabase();
  }
}
