-- Documents that were erased (storage/document_store.h): their rows stay, their octets do not.
ALTER TABLE stored_documents ADD COLUMN erased BIGINT NOT NULL DEFAULT 0;  -- 1: to be erased, no more to be read; 2: gone
ALTER TABLE stored_documents ADD COLUMN continues TEXT;                    -- the document it is a revision of
ALTER TABLE stored_prefixes ADD COLUMN erased_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX stored_documents_object ON stored_documents (object);
CREATE INDEX stored_documents_prefix ON stored_documents (prefix) WHERE erased = 0;
CREATE INDEX stored_documents_continues ON stored_documents (continues, id) WHERE continues IS NOT NULL;
-- Objects that may have been put and that no row names: of who died between the two.
CREATE TABLE stored_leftovers (
  object TEXT PRIMARY KEY,
  since_ms BIGINT NOT NULL
);
