-- A batch is made in shards, each by one runner at a time, on any node (contracts/batches/batch_shards.h).
CREATE TABLE batch_shards (
  batch TEXT NOT NULL,
  number BIGINT NOT NULL,          -- from 1
  first_row BIGINT NOT NULL,
  last_row BIGINT NOT NULL,
  runner TEXT NOT NULL,            -- the lease of who works on it
  state TEXT NOT NULL,             -- as a batch's
  reason TEXT NOT NULL,
  finished_ms BIGINT NOT NULL,     -- 0 before
  PRIMARY KEY (batch, number)
);
INSERT INTO batch_shards (batch, number, first_row, last_row, runner, state, reason, finished_ms)
  SELECT id, 1, 1, row_count, runner, state, reason, 0 FROM batches WHERE finished_ms = 0;
ALTER TABLE batches DROP COLUMN runner;
