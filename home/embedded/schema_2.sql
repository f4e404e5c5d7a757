-- Version 2. The archive: gzip files by the SHA-256 of what they hold.
CREATE TABLE blob (
    digest BLOB NOT NULL PRIMARY KEY,
    data   BLOB NOT NULL
) STRICT;
