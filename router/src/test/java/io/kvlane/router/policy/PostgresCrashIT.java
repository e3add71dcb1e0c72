package io.kvlane.router.policy;

class PostgresCrashIT extends CrashContract {
  @Override
  String newDatabase() throws Exception {
    return PostgresServer.newDatabase();
  }
}
