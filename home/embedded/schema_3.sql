-- Version 3. What each record completes in the Merkle tree; empty until the records
-- of an older file have been given theirs, which happens in the same transaction.
ALTER TABLE record ADD COLUMN tree BLOB NOT NULL DEFAULT x'';
