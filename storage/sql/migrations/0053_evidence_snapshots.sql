-- What an envelope's document was made of, for its evidence (contracts/evidence/snapshot.h).
CREATE TABLE evidence_snapshots (
  envelope TEXT PRIMARY KEY,
  snapshot TEXT NOT NULL,          -- JSON: the fields and what they were filled with
  rule_check TEXT NOT NULL         -- JSON: what the rules said before it was sent
);
