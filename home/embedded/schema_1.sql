-- The ledger: only ever added to. The triggers keep it so against mistakes;
-- the chain of hashes proves it against intent.
CREATE TABLE record (
    sequence INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL UNIQUE,
    subjects TEXT NOT NULL,              -- JSON list, in the order it was hashed
    time     TEXT NOT NULL,              -- RFC 3339, UTC
    body     BLOB NOT NULL,              -- JSON, byte for byte as hashed
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE INDEX record_by_kind ON record (kind);

-- The records in which each subject is spoken of.
CREATE TABLE record_subject (
    subject  TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (subject, kind, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_subject_by_sequence ON record_subject (subject, sequence);

-- The last record, said a second time: a tail that was cut off shows.
CREATE TABLE head (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    sequence INTEGER NOT NULL,
    hash     TEXT    NOT NULL
) STRICT;
INSERT INTO head (only, sequence, hash) VALUES (1, 0, '');

CREATE TRIGGER record_no_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER record_no_replace BEFORE INSERT ON record
WHEN NEW.sequence <= (SELECT max(sequence) FROM record) OR EXISTS (SELECT 1 FROM record WHERE key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER record_subject_no_update BEFORE UPDATE ON record_subject
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER record_subject_no_delete BEFORE DELETE ON record_subject
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER head_only_forward BEFORE UPDATE ON head WHEN NEW.sequence <= OLD.sequence
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER head_no_insert BEFORE INSERT ON head
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The queue. Times are nanoseconds since 1970, so that they compare.
CREATE TABLE message (
    n            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: receipts rest on it
    id           TEXT    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    body         BLOB    NOT NULL,
    sent_at      INTEGER NOT NULL,
    not_before   INTEGER NOT NULL,
    hidden_until INTEGER,                           -- set while in flight
    receives     INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Receive and Pending read this index alone.
CREATE INDEX message_due ON message (not_before, n, hidden_until);

CREATE TABLE dead_letter (
    n         INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of burial
    id        TEXT    NOT NULL UNIQUE,           -- the message's
    kind      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    body      BLOB    NOT NULL,
    cause     TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    sent_at   INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;
