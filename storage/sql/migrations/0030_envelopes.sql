-- Envelopes: a document, who signs it in which order, and every revision it had (contracts/envelope).
CREATE TABLE envelopes (
  id TEXT PRIMARY KEY,             -- also the id of its first document
  organisation TEXT NOT NULL,      -- whose it is
  batch TEXT,
  batch_row BIGINT,                -- of the roster, 1-based
  kind TEXT NOT NULL,              -- 'labour_contract', 'document'
  template TEXT NOT NULL,          -- '' for an uploaded file
  template_version TEXT NOT NULL,
  title TEXT NOT NULL,
  level TEXT NOT NULL,             -- of every signature: 'B-T', 'B-LT', 'B-LTA'
  state TEXT NOT NULL,
  stage BIGINT NOT NULL,           -- the one that is open; 0 before it was sent
  revision BIGINT NOT NULL,        -- the newest; who adds one names this in the WHERE
  reason TEXT NOT NULL,            -- why it was declined or revoked, or what it waits for
  created_by TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL       -- 0: never
);
CREATE INDEX envelopes_of ON envelopes (organisation, id);
CREATE INDEX envelopes_batch ON envelopes (batch, batch_row) WHERE batch IS NOT NULL;
CREATE TABLE envelope_parties (
  envelope TEXT NOT NULL,
  name TEXT NOT NULL,              -- '<field>', or '<field>.<n>' for whom it was delegated to
  field TEXT NOT NULL,             -- of the signature, in the PDF
  kind TEXT NOT NULL,              -- 'person', 'organisation'
  stage BIGINT NOT NULL,           -- from 1; those of one stage sign in any order
  state TEXT NOT NULL,
  display_name TEXT NOT NULL,
  id_number TEXT,                  -- of a person
  phone TEXT,                      -- of a person
  organisation TEXT,               -- of an organisation
  seal TEXT,                       -- that it seals with
  revision BIGINT NOT NULL,        -- that carries its signature; 0 before
  changed_ms BIGINT NOT NULL,
  PRIMARY KEY (envelope, name)
);
CREATE INDEX envelope_parties_person ON envelope_parties (id_number) WHERE id_number IS NOT NULL;
CREATE TABLE envelope_revisions (
  envelope TEXT NOT NULL,
  number BIGINT NOT NULL,
  document TEXT NOT NULL,          -- in the document store
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  what TEXT NOT NULL,              -- 'created', 'signed', 'sealed'
  party TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (envelope, number)
);
CREATE TABLE envelope_relations (
  envelope TEXT NOT NULL,
  kind TEXT NOT NULL,              -- 'renewal', 'amendment', 'termination'
  of TEXT NOT NULL,                -- the envelope of the contract
  PRIMARY KEY (envelope, kind, of)
);
CREATE INDEX envelope_relations_of ON envelope_relations (of);
