-- How long envelopes are kept, what holds them longer, and their erasure (contracts/retention).
CREATE TABLE retention_rules (     -- longer than the law asks for
  organisation TEXT NOT NULL,
  class TEXT NOT NULL,             -- 'labour_contract', 'construction'
  years BIGINT NOT NULL,
  set_by TEXT NOT NULL,
  set_ms BIGINT NOT NULL,
  PRIMARY KEY (organisation, class)
);
CREATE TABLE retention_classes (   -- what an organisation's contracts are, when they are no plain labour contracts
  organisation TEXT PRIMARY KEY,
  class TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_ms BIGINT NOT NULL
);
CREATE TABLE retention_notes (     -- what somebody wrote down of the end of a contract
  envelope TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  class TEXT NOT NULL,             -- '' for the organisation's
  ended TEXT NOT NULL,             -- last day, ISO 8601; '' unknown
  settled TEXT NOT NULL,           -- day on which the project was completed and all wages were paid; '' unknown
  ground TEXT NOT NULL,
  noted_by TEXT NOT NULL,
  noted_ms BIGINT NOT NULL
);
CREATE TABLE legal_holds (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  envelope TEXT NOT NULL,
  ground TEXT NOT NULL,
  reference TEXT NOT NULL,         -- number of the case
  placed_by TEXT NOT NULL,
  placed_ms BIGINT NOT NULL,
  lifted_by TEXT NOT NULL,         -- '' while it holds
  lifted_ms BIGINT NOT NULL,
  lift_ground TEXT NOT NULL
);
CREATE INDEX legal_holds_of ON legal_holds (organisation, id);
CREATE INDEX legal_holds_on ON legal_holds (envelope) WHERE lifted_ms = 0;
CREATE TABLE erasure_orders (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  ground TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'proposed', 'approved', 'rejected', 'done'
  proposed_by TEXT NOT NULL,
  proposed_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL,        -- never who proposed it; '' before
  decided_ms BIGINT NOT NULL,
  reason TEXT NOT NULL             -- of a rejection
);
CREATE INDEX erasure_orders_of ON erasure_orders (organisation, id);
CREATE TABLE erasure_items (
  order_id TEXT NOT NULL,
  envelope TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'waiting', 'erased', 'refused', 'dropped' with its order
  reason TEXT NOT NULL,
  changed_ms BIGINT NOT NULL,
  PRIMARY KEY (order_id, envelope)
);
-- One open order at most.
CREATE UNIQUE INDEX erasure_items_open ON erasure_items (envelope) WHERE state = 'waiting';
CREATE TABLE erasures (
  envelope TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  order_id TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'erasing', 'erased'
  begun_ms BIGINT NOT NULL,
  erased_ms BIGINT NOT NULL,
  statement TEXT NOT NULL,         -- JSON, the proof, as it was signed
  signature TEXT NOT NULL          -- the platform's detached CMS over it, base64
);
CREATE INDEX erasures_of ON erasures (organisation, envelope);
