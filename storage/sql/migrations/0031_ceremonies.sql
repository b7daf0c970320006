-- The ceremony of each person who signs (contracts/ceremony), its links, codes and notices.
CREATE TABLE signing_links (
  secret_sha256 TEXT PRIMARY KEY,  -- the secret itself is kept nowhere
  envelope TEXT NOT NULL,
  party TEXT NOT NULL,
  purpose TEXT NOT NULL,           -- 'sign', 'copy'
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  revoked BIGINT NOT NULL
);
CREATE INDEX signing_links_party ON signing_links (envelope, party);
CREATE TABLE ceremonies (
  envelope TEXT NOT NULL,
  party TEXT NOT NULL,
  notice_version TEXT NOT NULL,    -- '' before it was acknowledged
  opened_ms BIGINT NOT NULL,
  acknowledged_ms BIGINT NOT NULL, -- 0 before
  compared_ms BIGINT NOT NULL,     -- name, number and phone are the party's, and the provider agrees
  coded_ms BIGINT NOT NULL,        -- the code that was sent came back
  faced_ms BIGINT NOT NULL,
  identified_ms BIGINT NOT NULL,
  pages_read TEXT NOT NULL,        -- one character a page, '1' for read
  reading_ms BIGINT NOT NULL,      -- since when
  read_ms BIGINT NOT NULL,
  strokes TEXT NOT NULL,           -- JSON
  strokes_ms BIGINT NOT NULL,
  willing_ms BIGINT NOT NULL,
  copied_ms BIGINT NOT NULL,       -- first download of the final copy
  PRIMARY KEY (envelope, party)
);
CREATE TABLE one_time_codes (
  subject TEXT PRIMARY KEY,        -- '<envelope>.<party>:identity', 'person:<hash>'
  salt TEXT NOT NULL,
  code_sha256 TEXT NOT NULL,       -- over salt, the caller's secret and the code
  expires_ms BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  sent_ms BIGINT NOT NULL
);
CREATE TABLE attempt_counts (      -- how often something was tried since the window began
  subject TEXT PRIMARY KEY,
  count BIGINT NOT NULL,
  window_ms BIGINT NOT NULL
);
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  envelope TEXT NOT NULL,
  party TEXT NOT NULL,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  request_id TEXT NOT NULL,
  sent_ms BIGINT NOT NULL
);
CREATE INDEX notices_envelope ON notices (envelope);
CREATE TABLE worker_accesses (
  secret_sha256 TEXT PRIMARY KEY,
  id_number TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL
);
CREATE TABLE paper_copies (
  code TEXT PRIMARY KEY,           -- printed on the copy
  envelope TEXT NOT NULL,
  sha256 TEXT NOT NULL,            -- of the data message it agrees with
  made_for TEXT NOT NULL,
  made_ms BIGINT NOT NULL
);
CREATE INDEX paper_copies_envelope ON paper_copies (envelope);
