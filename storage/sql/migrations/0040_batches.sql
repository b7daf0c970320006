-- Batches: a roster accepted whole, a contract and an envelope for every row (contracts/batches).
CREATE TABLE batches (
  id TEXT PRIMARY KEY,             -- also of the batch in the document store
  organisation TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,    -- of all that was asked for: the same key with another one is a conflict
  template TEXT NOT NULL,
  template_version TEXT NOT NULL,
  seal TEXT NOT NULL,
  reservation TEXT NOT NULL,       -- in seal_reservations; '' when the employer seals last
  signing_order TEXT NOT NULL,     -- 'employer_first', 'employer_last'
  level TEXT NOT NULL,             -- of every signature
  expires_ms BIGINT NOT NULL,      -- of the envelopes; 0: never
  characters TEXT NOT NULL,        -- that its values use, each once: what fonts are cut for
  row_count BIGINT NOT NULL,
  made BIGINT NOT NULL,            -- rows with their envelope
  failed BIGINT NOT NULL,          -- rows that cannot become one
  state TEXT NOT NULL,
  reason TEXT NOT NULL,            -- of a state that waits or ended early
  cancel_asked BIGINT NOT NULL,
  runner TEXT NOT NULL,            -- the lease of who works on it
  revision BIGINT NOT NULL,        -- grows with every change: the ids of its progress events
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  finished_ms BIGINT NOT NULL,     -- 0 before
  UNIQUE (organisation, idempotency_key)
);
CREATE INDEX batches_of ON batches (organisation, id);
-- The roster as checked, UTF-8 CSV, in pieces; gone when the batch has ended.
CREATE TABLE batch_roster (
  batch TEXT NOT NULL,
  part BIGINT NOT NULL,
  octets TEXT NOT NULL,
  PRIMARY KEY (batch, part)
);
-- Rows that are over; those missing here wait, or were cancelled with their batch.
CREATE TABLE batch_rows (
  batch TEXT NOT NULL,
  row_number BIGINT NOT NULL,      -- 1-based
  state TEXT NOT NULL,             -- 'made', 'failed'
  envelope TEXT,                   -- also the document's id
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,              -- of the worker
  reason TEXT NOT NULL,
  PRIMARY KEY (batch, row_number)
);
