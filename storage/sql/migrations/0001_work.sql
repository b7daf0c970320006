-- What remains to be done, whoever does it (storage/work/work_queue.h).
CREATE TABLE work (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'ready' or 'dead'
  generation BIGINT NOT NULL,      -- grows with every request for the same subject
  due_ms BIGINT NOT NULL,
  lease_token TEXT,
  lease_until_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (kind, subject)
);
CREATE INDEX work_due ON work (state, kind, due_ms);
