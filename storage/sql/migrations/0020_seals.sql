-- Seals, who may use them, and every use (contracts/seals).
CREATE TABLE seals (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  name TEXT NOT NULL,              -- what people call it
  owner_name TEXT NOT NULL,        -- on the arc and in the certificate
  kind TEXT NOT NULL,              -- 'company', 'contract', ... (signing/seal/seal_appearance.h)
  use_line TEXT,                   -- instead of the kind's own
  number BIGINT NOT NULL,          -- behind the use line, 0 for none
  code TEXT NOT NULL,              -- 13 digits or empty
  demo BIGINT NOT NULL,            -- 1: carries 示例
  key_reference TEXT NOT NULL,     -- 'database' (seal_keys) or 'configured:NAME'
  certificate TEXT NOT NULL,       -- DER in hexadecimal
  certificate_sha256 TEXT NOT NULL,
  certificate_serial TEXT NOT NULL,
  not_after_ms BIGINT NOT NULL,    -- of the certificate
  state TEXT NOT NULL,             -- 'active', 'suspended', 'revoked'
  state_reason TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (organisation, name)
);
CREATE TABLE seal_grants (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  seal TEXT NOT NULL,
  template TEXT NOT NULL,          -- a template's id, or '*' for every one
  grantee TEXT NOT NULL,           -- 'user:<id>' or 'api_key:<id>'
  not_before_ms BIGINT NOT NULL,
  not_after_ms BIGINT NOT NULL,
  quota BIGINT NOT NULL,           -- documents
  used BIGINT NOT NULL,
  reserved BIGINT NOT NULL,        -- used + reserved <= quota, always
  state TEXT NOT NULL,             -- 'proposed', 'approved', 'rejected', 'revoked'
  purpose TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_ms BIGINT NOT NULL,
  decided_by TEXT,                 -- never who asked for it
  decided_ms BIGINT,
  revoked_by TEXT,
  revoked_ms BIGINT,
  reason TEXT NOT NULL             -- of the rejection or revocation
);
CREATE INDEX seal_grants_use ON seal_grants (organisation, seal, grantee, state);
CREATE TABLE seal_reservations (
  id TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL,
  subject TEXT NOT NULL,           -- 'batch:<id>', 'envelope:<id>'
  remaining BIGINT NOT NULL,
  used BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (grant_id, subject)
);
CREATE TABLE seal_uses (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  seal TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  documents BIGINT NOT NULL,       -- sealed at once
  digest TEXT NOT NULL,            -- SHA-256 over the list of their digests, hexadecimal
  at_ms BIGINT NOT NULL
);
CREATE INDEX seal_uses_seal ON seal_uses (organisation, seal, id);
