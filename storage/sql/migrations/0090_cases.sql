-- Cases of labour arbitration (delivery/cases/case_store.h). Days are ISO 8601 texts of China's calendar.
CREATE TABLE cases (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  number TEXT NOT NULL,
  cause TEXT NOT NULL,
  procedure TEXT NOT NULL,             -- 'ordinary', 'simplified'
  is_collective BIGINT NOT NULL,
  claims TEXT NOT NULL,
  court TEXT NOT NULL,
  panel TEXT NOT NULL,                 -- names, one a line; the presiding arbitrator first
  clerk TEXT NOT NULL,
  room TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  UNIQUE (organisation, number)
);
CREATE INDEX cases_of ON cases (organisation, id);
CREATE TABLE case_parties (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases,
  position BIGINT NOT NULL,
  role TEXT NOT NULL,                  -- 'applicant', 'respondent', 'third_party'
  kind TEXT NOT NULL,                  -- 'person', 'organisation'
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  legal_representative TEXT NOT NULL,
  phone TEXT NOT NULL,
  dispatch_role TEXT NOT NULL,         -- 'dispatching', 'using', ''
  is_represented BIGINT NOT NULL
);
CREATE INDEX case_parties_of ON case_parties (case_id, position);
CREATE TABLE case_agents (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases,
  party TEXT NOT NULL REFERENCES case_parties,
  kind TEXT NOT NULL,                  -- 'agent', 'representative', 'designated', 'guardian'
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  phone TEXT NOT NULL,
  scope TEXT NOT NULL,                 -- 'general', 'special', ''
  since_day TEXT NOT NULL,
  until_day TEXT NOT NULL              -- '' while it lasts
);
CREATE INDEX case_agents_of ON case_agents (case_id, id);
CREATE TABLE case_addresses (          -- never changed but for their end: the history of what was known when
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases,
  party TEXT NOT NULL REFERENCES case_parties,
  kind TEXT NOT NULL,                  -- 'postal', 'sms', 'email', 'app'
  recipient TEXT NOT NULL,
  phone TEXT NOT NULL,
  postcode TEXT NOT NULL,
  province TEXT NOT NULL,
  city TEXT NOT NULL,
  district TEXT NOT NULL,
  street TEXT NOT NULL,
  value TEXT NOT NULL,
  ground TEXT NOT NULL,
  since_day TEXT NOT NULL,
  document TEXT NOT NULL,
  refused_after_warning BIGINT NOT NULL,
  is_opponents_place BIGINT NOT NULL,
  consent_day TEXT NOT NULL,           -- '' without
  consent_withdrawn_day TEXT NOT NULL,
  state TEXT NOT NULL,                 -- 'active', 'withdrawn'
  recorded_by TEXT NOT NULL,
  recorded_ms BIGINT NOT NULL
);
CREATE INDEX case_addresses_of ON case_addresses (case_id, id);
CREATE TABLE case_events (
  case_id TEXT NOT NULL REFERENCES cases,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  details TEXT NOT NULL,               -- a JSON object of texts
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, seq)
);
CREATE TABLE case_deadline_alarms (    -- said once for each deadline and state
  case_id TEXT NOT NULL REFERENCES cases,
  deadline TEXT NOT NULL,              -- key, and the party it is for
  last_day TEXT NOT NULL,
  state TEXT NOT NULL,                 -- 'warned', 'overdue'
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, deadline, last_day, state)
);
