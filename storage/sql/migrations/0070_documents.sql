-- Documents kept as objects (storage/object_document_store.h); unused while they are kept in segment files.
CREATE TABLE stored_batches (
  id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  request_digest TEXT NOT NULL,
  template_id TEXT NOT NULL,
  template_version TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  state TEXT NOT NULL,
  level TEXT NOT NULL,
  wait_reason TEXT NOT NULL,
  waiting_since_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE TABLE stored_prefixes (
  sha256 TEXT PRIMARY KEY,
  length BIGINT NOT NULL
);
CREATE TABLE stored_documents (
  id TEXT PRIMARY KEY,
  batch TEXT REFERENCES stored_batches,   -- NULL: of none
  row_number BIGINT,
  prefix TEXT NOT NULL REFERENCES stored_prefixes,
  object TEXT NOT NULL,                   -- the tails of many documents may share one
  start BIGINT NOT NULL,
  length BIGINT NOT NULL,
  sha256 TEXT NOT NULL,                   -- of the tail
  created_ms BIGINT NOT NULL,
  UNIQUE (batch, row_number)
);
