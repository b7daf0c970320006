-- What fixes the audit log in time (storage/audit/anchor.h).
CREATE TABLE anchors (
  number BIGINT PRIMARY KEY,       -- from 1, without gaps
  previous TEXT NOT NULL,          -- hash of the anchor before
  root TEXT NOT NULL,              -- of the tree over the organisations
  organisations BIGINT NOT NULL,   -- leaves of that tree
  at_ms BIGINT NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'waiting' for its timestamp, or 'stamped'
  token TEXT NOT NULL,             -- RFC 3161 TimeStampToken in base64, or ''
  stamped_ms BIGINT NOT NULL,      -- when it came, or 0
  attempts BIGINT NOT NULL,        -- failed ones
  last_error TEXT NOT NULL
);
CREATE INDEX anchors_waiting ON anchors (state, number);
CREATE TABLE anchor_organisations (
  number BIGINT NOT NULL,
  position BIGINT NOT NULL,        -- of the leaf, from 0, by the organisations' ids
  organisation TEXT NOT NULL,
  previous BIGINT NOT NULL,        -- number of the last anchor before that holds something of it, or 0
  root TEXT NOT NULL,              -- of the tree over its streams
  path TEXT NOT NULL,              -- hashes from the leaf upwards, with spaces between
  PRIMARY KEY (number, position),
  UNIQUE (organisation, number)
);
CREATE TABLE anchor_leaves (
  number BIGINT NOT NULL,
  organisation TEXT NOT NULL,
  stream TEXT NOT NULL,
  length BIGINT NOT NULL,
  head TEXT NOT NULL,
  PRIMARY KEY (number, organisation, stream)
);
CREATE INDEX anchor_leaves_of_stream ON anchor_leaves (stream, number);
CREATE INDEX audit_streams_of_organisation ON audit_streams (organisation, stream);
CREATE INDEX audit_streams_unanchored ON audit_streams (stream) WHERE length > anchored_length;
