-- The audit log (storage/audit/audit_log.h) and the events for the world outside (storage/outbox/outbox.h).
CREATE TABLE audit_streams (
  stream TEXT PRIMARY KEY,        -- 'envelope:<id>', 'organisation:<id>'
  organisation TEXT NOT NULL,     -- the tenant it belongs to
  length BIGINT NOT NULL,         -- entries
  head TEXT NOT NULL,             -- hash of the last one
  anchored_length BIGINT NOT NULL -- as the last anchor knew it
);
CREATE TABLE audit_entries (
  stream TEXT NOT NULL,
  seq BIGINT NOT NULL,            -- from 1, without gaps
  at_ms BIGINT NOT NULL,
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  peer TEXT NOT NULL,
  device TEXT NOT NULL,
  details TEXT NOT NULL,          -- JSON
  hash TEXT NOT NULL,
  PRIMARY KEY (stream, seq)
);
CREATE TABLE outbox_events (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  subject TEXT NOT NULL,          -- the id of the envelope or batch it is about
  sequence BIGINT NOT NULL,       -- of the subject's events, from 1, without gaps
  type TEXT NOT NULL,             -- 'envelope.completed'
  data TEXT NOT NULL,             -- JSON
  created_ms BIGINT NOT NULL,
  relayed BIGINT NOT NULL,        -- 1 once it was handed to all who wait for it
  UNIQUE (subject, sequence)
);
CREATE INDEX outbox_waiting ON outbox_events (relayed, id);
