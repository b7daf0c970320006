-- Keys of seals that were drawn here (contracts/seals/seal_cabinet.h).
CREATE TABLE seal_keys (
  seal TEXT PRIMARY KEY,
  pkcs12 TEXT NOT NULL             -- base64; encrypted under a passphrase that is not in the database
);
