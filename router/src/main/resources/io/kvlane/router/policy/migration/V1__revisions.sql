-- The same text runs on H2 and on PostgreSQL. Rows of kvlane_revision, kvlane_resource and
-- kvlane_audit are only ever inserted.

-- One row: writers lock it, so that they come one after the other.
CREATE TABLE kvlane_head (
  id            INTEGER     PRIMARY KEY CHECK (id = 1),
  revision      BIGINT      NOT NULL,
  revision_hash VARCHAR(64) NOT NULL,
  audit_seq     BIGINT      NOT NULL,
  audit_hash    VARCHAR(64) NOT NULL
);

INSERT INTO kvlane_head (id, revision, revision_hash, audit_seq, audit_hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000',
        0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE kvlane_revision (
  revision    BIGINT        PRIMARY KEY,
  parent      BIGINT        NOT NULL,
  author      VARCHAR(200)  NOT NULL,
  created_ms  BIGINT        NOT NULL,
  description VARCHAR(2000) NOT NULL,
  hash        VARCHAR(64)   NOT NULL
);

-- What a revision changed; without content, the resource went.
CREATE TABLE kvlane_resource (
  kind     VARCHAR(16) NOT NULL,
  id       VARCHAR(63) NOT NULL,
  revision BIGINT      NOT NULL REFERENCES kvlane_revision (revision),
  content  TEXT,
  PRIMARY KEY (kind, id, revision)
);

CREATE INDEX kvlane_resource_by_revision ON kvlane_resource (revision);

CREATE TABLE kvlane_audit (
  seq      BIGINT      PRIMARY KEY,
  entry    TEXT        NOT NULL,
  hash     VARCHAR(64) NOT NULL,
  write_id VARCHAR(36) NOT NULL UNIQUE
);

CREATE TABLE kvlane_idempotency (
  scope       VARCHAR(400) NOT NULL,
  idem_key    VARCHAR(255) NOT NULL,
  fingerprint VARCHAR(64)  NOT NULL,
  status      INTEGER      NOT NULL,
  etag        VARCHAR(100) NOT NULL,
  body        TEXT         NOT NULL,
  created_ms  BIGINT       NOT NULL,
  PRIMARY KEY (scope, idem_key)
);
