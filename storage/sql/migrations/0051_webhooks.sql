-- Where events go (server/webhooks).
CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  events TEXT NOT NULL,            -- types with spaces between, 'envelope.*', or '*'
  state TEXT NOT NULL,             -- 'enabled', 'disabled'
  reason TEXT NOT NULL,            -- why it is disabled
  failing_since_ms BIGINT NOT NULL, -- 0: the last attempt succeeded, or there was none
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_of ON webhook_endpoints (organisation, id);
CREATE TABLE webhook_secrets (
  endpoint TEXT NOT NULL,
  secret TEXT NOT NULL,            -- 'whsec_...'
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,      -- 0: the present one
  PRIMARY KEY (endpoint, secret)
);
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  endpoint TEXT NOT NULL,
  event TEXT NOT NULL,             -- of outbox_events
  subject TEXT NOT NULL,
  round BIGINT NOT NULL,           -- 0, and one more with each replay
  sequence BIGINT NOT NULL,
  state TEXT NOT NULL,             -- 'pending', 'delivered', 'dead'
  attempts BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  done_ms BIGINT NOT NULL,         -- 0 while it is pending
  last_outcome TEXT NOT NULL,
  UNIQUE (endpoint, event, round)
);
CREATE INDEX webhook_deliveries_lane ON webhook_deliveries (endpoint, subject, state, round, sequence);
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint, state, id);
CREATE TABLE webhook_attempts (
  delivery TEXT NOT NULL,
  number BIGINT NOT NULL,          -- from 1
  at_ms BIGINT NOT NULL,
  status BIGINT NOT NULL,          -- of HTTP, 0 without an answer
  latency_ms BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (delivery, number)
);
