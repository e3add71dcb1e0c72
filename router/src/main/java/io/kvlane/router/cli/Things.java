package io.kvlane.router.cli;

import io.kvlane.router.cli.Session.Column;
import java.util.List;

/**
 * A collection of the admin API.
 *
 * @param collection its plural, as in paths and documents
 * @param columns what a table shows of it
 */
record Things(String collection, List<Column> columns) {
  static final Things POLICIES =
      of(
          "policies",
          new Column("ID", "/id"),
          new Column("PRIORITY", "/priority"),
          new Column("MODEL", "/match/modelGlob"),
          new Column("TENANT", "/match/tenant"),
          new Column("CONSISTENCY", "/consistency"),
          new Column("CROSS-REGION", "/crossRegion"),
          new Column("DESCRIPTION", "/description"));

  static final Things POOLS =
      of(
          "pools",
          new Column("ID", "/id"),
          new Column("MODEL", "/model"),
          new Column("KEYS", "/keySpace"),
          new Column("REPLICAS", "/status/replicas"),
          new Column("HEALTHY", "/status/healthyReplicas"),
          new Column("REQUESTS", "/status/requests"),
          new Column("ORDER", "/status/service/action"),
          new Column("SHARE", "/status/service/share"));

  static final Things TENANTS =
      of(
          "tenants",
          new Column("ID", "/id"),
          new Column("REGIONS", "/allowedRegions"),
          new Column("WEIGHT", "/weight"),
          new Column("CONCURRENT", "/maxConcurrent"),
          new Column("DESCRIPTION", "/description"));

  static final Things KEYS =
      of(
          "keys",
          new Column("ID", "/id"),
          new Column("ROLE", "/role"),
          new Column("TENANTS", "/tenants"),
          new Column("REGIONS", "/regions"),
          new Column("EXPIRES", "/expiresAt"),
          new Column("GENERATION", "/rotation/generation"),
          new Column("DESCRIPTION", "/description"));

  static final Things REPLICAS =
      of(
          "replicas",
          new Column("ID", "/id"),
          new Column("URL", "/url"),
          new Column("MODELS", "/models"),
          new Column("HEALTHY", "/healthy"),
          new Column("REQUESTS", "/requests"),
          new Column("ORDER", "/service/action"),
          new Column("SHARE", "/service/share"));

  static final Things REGIONS =
      of(
          "regions",
          new Column("ID", "/id"),
          new Column("LOCAL", "/local"),
          new Column("REACHABLE", "/reachable"),
          new Column("RTT-MS", "/roundTripMs"),
          new Column("ORDER", "/service/action"),
          new Column("SHARE", "/service/share"));

  static final Things REVISIONS =
      of(
          "revisions",
          new Column("REVISION", "/revision"),
          new Column("AUTHOR", "/author"),
          new Column("CREATED", "/createdAt"),
          new Column("DESCRIPTION", "/description"));

  static final Things ROLLOUTS =
      of(
          "rollouts",
          new Column("REVISION", "/revision"),
          new Column("STATE", "/state"),
          new Column("MILLIS", "/millis"));

  static final Things AUDIT =
      of(
          "audit",
          new Column("SEQ", "/seq"),
          new Column("AT", "/entry/at"),
          new Column("ACTOR", "/entry/actor"),
          new Column("OUTCOME", "/entry/outcome"),
          new Column("REVISION", "/entry/revision"),
          new Column("ACTION", "/entry/action"));

  private static Things of(String collection, Column... columns) {
    return new Things(collection, List.of(columns));
  }

  /** Whether its list begins with what is oldest, so that what people look for is at its end. */
  boolean oldestFirst() {
    return equals(AUDIT);
  }

  /** Whether its list comes in pages. */
  boolean paged() {
    return !equals(REPLICAS) && !equals(REGIONS);
  }
}
