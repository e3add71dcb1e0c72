package io.kvlane.router.policy;

class PostgresPolicyStoreTest extends PolicyStoreContract {
  @Override
  String newDatabase() throws Exception {
    return PostgresServer.newDatabase();
  }
}
