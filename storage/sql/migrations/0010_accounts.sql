-- Organisations, their users, and what they prove themselves with (server/accounts). Secrets are kept as hashes;
-- passwords as Argon2id.
CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,              -- server/accounts/permissions.h
  name TEXT NOT NULL,
  uscc TEXT NOT NULL UNIQUE,       -- unified social credit code, GB 32100
  state TEXT NOT NULL,             -- 'active' or 'suspended'
  created_ms BIGINT NOT NULL
);
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  login TEXT NOT NULL UNIQUE,      -- lower case
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  state TEXT NOT NULL,             -- 'active' or 'inactive'
  password TEXT,                   -- encoded Argon2id; NULL: signs in elsewhere
  must_change BIGINT NOT NULL,     -- 1: the password was given by somebody else
  totp_secret TEXT,                -- base 32
  totp_confirmed BIGINT NOT NULL,  -- 1: counts
  totp_step BIGINT NOT NULL,       -- the last one used
  created_ms BIGINT NOT NULL
);
CREATE INDEX users_organisation ON users (organisation, id);
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (id),
  hash TEXT NOT NULL,
  PRIMARY KEY (user_id, hash)
);
CREATE TABLE login_attempts (
  subject TEXT PRIMARY KEY,        -- hash of the login, whether it exists or not
  failures BIGINT NOT NULL,
  locked_until_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL
);
CREATE INDEX login_attempts_age ON login_attempts (last_ms);
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id),
  proven BIGINT NOT NULL,          -- 1: the second factor was shown in this session
  created_ms BIGINT NOT NULL,
  seen_ms BIGINT NOT NULL,         -- to the minute
  peer TEXT NOT NULL,
  device TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  creator TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  scopes TEXT NOT NULL,            -- separated by spaces
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  revoked_ms BIGINT,
  used_ms BIGINT                   -- to ten minutes
);
CREATE INDEX api_keys_organisation ON api_keys (organisation, id);
CREATE TABLE identity_providers (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  name TEXT NOT NULL,
  issuer TEXT NOT NULL,
  client TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (organisation, issuer)
);
CREATE TABLE external_logins (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL REFERENCES identity_providers (id),
  subject TEXT NOT NULL,           -- the claim "sub"
  user_id TEXT NOT NULL REFERENCES users (id),
  created_ms BIGINT NOT NULL,
  UNIQUE (provider, subject)
);
CREATE INDEX external_logins_user ON external_logins (user_id, id);
CREATE TABLE oidc_flows (
  state_hash TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  browser_hash TEXT NOT NULL,      -- of the cookie that ties it to one browser
  nonce TEXT NOT NULL,
  verifier TEXT NOT NULL,          -- PKCE
  user_id TEXT,                    -- who links the account; NULL: a login
  created_ms BIGINT NOT NULL
);
CREATE INDEX oidc_flows_age ON oidc_flows (created_ms);
