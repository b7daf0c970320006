-- Service of documents: what was issued, to whom, how it was tried, what came of it (delivery/service, delivery/post).
CREATE TABLE court_documents (
  id TEXT PRIMARY KEY,                 -- of the document store, and in its QR code
  organisation TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases,
  step TEXT NOT NULL,                  -- id of the issue that made it
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  party TEXT NOT NULL,                 -- whom it is for
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  pages BIGINT NOT NULL,
  seal TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX court_documents_of ON court_documents (case_id, id);
CREATE INDEX court_documents_digest ON court_documents (sha256);
CREATE TABLE issued_steps (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases,
  step TEXT NOT NULL,                  -- 'accept', 'hearing', ...
  idempotency_key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  UNIQUE (organisation, idempotency_key)
);
CREATE INDEX issued_steps_of ON issued_steps (case_id, id);
CREATE TABLE service_records (
  id TEXT PRIMARY KEY,
  organisation TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases,
  step TEXT NOT NULL REFERENCES issued_steps,
  party TEXT NOT NULL REFERENCES case_parties,
  taker TEXT NOT NULL,                 -- name of the agent who takes it for the party, '' for the party itself
  notice_ground TEXT NOT NULL,         -- of service by public notice, '' without
  version BIGINT NOT NULL,
  -- What the ruling says now; it can be computed again from the rest.
  state TEXT NOT NULL,
  ending TEXT NOT NULL,
  legal_day TEXT NOT NULL,
  needs TEXT NOT NULL,                 -- 'confirmation', 'review', ''
  ruling TEXT NOT NULL,                -- JSON
  proof TEXT NOT NULL,                 -- document: the sealed report of service, '' before
  receipt TEXT NOT NULL,               -- document: the sealed 送达回证, '' before
  proof_version BIGINT NOT NULL,       -- of the record it tells of
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL
);
CREATE INDEX service_records_of ON service_records (organisation, id);
CREATE INDEX service_records_case ON service_records (case_id, id);
CREATE INDEX service_records_needs ON service_records (organisation, needs, id);
CREATE TABLE service_documents (
  record TEXT NOT NULL REFERENCES service_records,
  position BIGINT NOT NULL,
  document TEXT NOT NULL REFERENCES court_documents,
  PRIMARY KEY (record, position)
);
CREATE TABLE service_attempts (
  id TEXT PRIMARY KEY,
  record TEXT NOT NULL REFERENCES service_records,
  number BIGINT NOT NULL,
  method TEXT NOT NULL,
  address TEXT NOT NULL,               -- of case_addresses, '' for none
  is_withdrawn BIGINT NOT NULL,
  started_by TEXT NOT NULL,
  started_ms BIGINT NOT NULL,
  UNIQUE (record, number)
);
CREATE TABLE service_evidence (
  id TEXT PRIMARY KEY,
  attempt TEXT NOT NULL REFERENCES service_attempts,
  kind TEXT NOT NULL,
  at_ms BIGINT NOT NULL,               -- when it happened
  recorded_ms BIGINT NOT NULL,
  recorded_by TEXT NOT NULL,
  signer TEXT NOT NULL,
  has_id_number BIGINT NOT NULL,
  staff BIGINT NOT NULL,
  document TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX service_evidence_of ON service_evidence (attempt, id);
CREATE TABLE service_decisions (
  record TEXT NOT NULL REFERENCES service_records,
  seq BIGINT NOT NULL,
  decision TEXT NOT NULL,
  attempt TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  reason TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  legal_day TEXT NOT NULL,
  ending TEXT NOT NULL,                -- what the ruling said of the attempt then
  PRIMARY KEY (record, seq)
);
CREATE TABLE parcels (
  id TEXT PRIMARY KEY,                 -- the order number
  organisation TEXT NOT NULL,
  record TEXT NOT NULL REFERENCES service_records,
  attempt TEXT NOT NULL UNIQUE REFERENCES service_attempts,
  partner TEXT NOT NULL,
  stage TEXT NOT NULL,                 -- how far we came by ourselves
  waybill TEXT NOT NULL,
  return_waybill TEXT NOT NULL,
  refusal TEXT NOT NULL,
  wants_receipt BIGINT NOT NULL,
  submitted_ms BIGINT NOT NULL,        -- of the last call that may have ordered it
  cancel_reason TEXT NOT NULL,         -- asked for, '' not
  print_bundle TEXT NOT NULL,          -- document, '' before
  version BIGINT NOT NULL,
  -- What its events make of it (delivery/post/parcel.h); it can be computed again.
  state TEXT NOT NULL,
  last_event_ms BIGINT NOT NULL,
  is_stale BIGINT NOT NULL,
  is_alarmed BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL
);
CREATE INDEX parcels_of ON parcels (organisation, id);
CREATE INDEX parcels_record ON parcels (record);
CREATE INDEX parcels_waybill ON parcels (partner, waybill);
CREATE INDEX parcels_return ON parcels (partner, return_waybill);
CREATE TABLE mail_events (             -- as told, never changed
  partner TEXT NOT NULL,
  waybill TEXT NOT NULL,
  event_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  op_ms BIGINT NOT NULL,
  received_ms BIGINT NOT NULL,
  op_code TEXT NOT NULL,
  op_name TEXT NOT NULL,
  op_desc TEXT NOT NULL,
  office_code TEXT NOT NULL,
  office_name TEXT NOT NULL,
  deliver_code TEXT NOT NULL,
  attempt_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  signer TEXT NOT NULL,
  signer_name TEXT NOT NULL,
  has_id_number BIGINT NOT NULL,
  is_return_leg BIGINT NOT NULL,
  withdraws TEXT NOT NULL,
  source TEXT NOT NULL,
  message TEXT NOT NULL,               -- of partner_messages, '' without
  PRIMARY KEY (partner, waybill, event_key, kind)  -- a withdrawal may bear the key of what it takes back
);
CREATE TABLE partner_messages (        -- raw octets of what partners sent, whatever came of it
  id TEXT PRIMARY KEY,
  partner TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  message_key TEXT NOT NULL,
  peer TEXT NOT NULL,
  headers TEXT NOT NULL,               -- JSON
  body TEXT NOT NULL,                  -- base64
  verdict TEXT NOT NULL,               -- 'good', 'quarantined', 'forged', 'garbage'
  reason TEXT NOT NULL,
  events BIGINT NOT NULL,
  strays BIGINT NOT NULL,              -- events of waybills nobody knew then
  times BIGINT NOT NULL,               -- how often the same octets came
  received_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL,
  UNIQUE (partner, sha256)
);
CREATE INDEX partner_messages_verdict ON partner_messages (verdict, id);
CREATE TABLE service_rule_values (     -- where a court's rules differ from the shipped ones
  organisation TEXT NOT NULL,
  rule TEXT NOT NULL,
  value TEXT NOT NULL,
  ground TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_ms BIGINT NOT NULL,
  PRIMARY KEY (organisation, rule)
);
CREATE TABLE court_senders (           -- whom a court's letters come back to
  organisation TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  postcode TEXT NOT NULL,
  province TEXT NOT NULL,
  city TEXT NOT NULL,
  district TEXT NOT NULL,
  street TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_ms BIGINT NOT NULL
);
CREATE TABLE service_links (           -- what a recipient opens documents with that were served electronically
  secret_sha256 TEXT PRIMARY KEY,
  attempt TEXT NOT NULL REFERENCES service_attempts,
  created_ms BIGINT NOT NULL
);
CREATE INDEX service_links_of ON service_links (attempt);
