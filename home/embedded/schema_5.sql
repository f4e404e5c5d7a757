-- Version 5. The ledger in pages: records that follow each other, compressed together.
-- Only ever added to: the triggers keep it so against mistakes, the chain of hashes
-- proves it against intent.
CREATE TABLE page (
    first   INTEGER PRIMARY KEY, -- the sequence of its first record
    records BLOB NOT NULL
) STRICT;
CREATE TRIGGER page_no_update BEFORE UPDATE ON page
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER page_no_delete BEFORE DELETE ON page
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER page_no_replace BEFORE INSERT ON page WHEN NEW.first <= (SELECT max(first) FROM page)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Which pages mention a name: a subject of their records, or "" for any; with kind 0, a
-- key. A name is the first eight bytes of its SHA-256, a kind 15 bits of it; of those
-- that share them the records themselves tell which they mention.
CREATE TABLE mention (
    name  INTEGER NOT NULL,
    kind  INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (name, kind, first)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mention_no_update BEFORE UPDATE ON mention
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER mention_no_delete BEFORE DELETE ON mention
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The last record whose page's mentions are there: those of the newest pages follow
-- many at once, because each is at another place of the table.
CREATE TABLE indexed (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO indexed (only, sequence) VALUES (1, 0);
CREATE TRIGGER indexed_only_forward BEFORE UPDATE ON indexed WHEN NEW.sequence <= OLD.sequence
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER indexed_no_delete BEFORE DELETE ON indexed
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER indexed_no_insert BEFORE INSERT ON indexed
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
