-- Whether these octets are a revision of an envelope: public verification asks by hash.
CREATE INDEX envelope_revisions_sha256 ON envelope_revisions (sha256);
