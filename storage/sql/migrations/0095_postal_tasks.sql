-- What must be done at the postal partner (delivery/queue). A finished task leaves; a dead one stays until it is replayed.
CREATE TABLE postal_tasks (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  parcel TEXT NOT NULL,
  partner TEXT NOT NULL,
  slot BIGINT NOT NULL,            -- of the parcel, 0 to 4095: its shard is slot modulo the number of shards
  state TEXT NOT NULL,             -- 'ready', 'running', 'dead'
  version BIGINT NOT NULL,         -- grows with every change of hands: the fence
  due_ms BIGINT NOT NULL,
  sent_ms BIGINT NOT NULL,         -- when this version went to the index of work, 0: not yet
  asked_ms BIGINT NOT NULL,        -- while it runs: asked for again, due then; -1: dropped; 0: neither
  lease_owner TEXT NOT NULL,
  lease_until_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,        -- since it last went well
  deliveries BIGINT NOT NULL,      -- taken and never given back: its worker died
  last_error TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL
);
-- One open task of a kind a parcel, and one of a parcel at a time, whatever any worker believes.
CREATE UNIQUE INDEX postal_tasks_open ON postal_tasks (parcel, kind) WHERE state <> 'dead';
CREATE UNIQUE INDEX postal_tasks_running ON postal_tasks (parcel) WHERE state = 'running';
CREATE INDEX postal_tasks_unsent ON postal_tasks (due_ms, id) WHERE state = 'ready' AND sent_ms = 0;
CREATE INDEX postal_tasks_due ON postal_tasks (due_ms, id) WHERE state = 'ready';
CREATE INDEX postal_tasks_lease ON postal_tasks (lease_until_ms) WHERE state = 'running';
CREATE INDEX postal_tasks_dead ON postal_tasks (id) WHERE state = 'dead';
-- Which filling of the index of work each shard is in (a random number that the index must show).
CREATE TABLE postal_index (
  shard BIGINT PRIMARY KEY,
  mark TEXT NOT NULL,
  filled_ms BIGINT NOT NULL
);
