-- +goose Up
-- The audit log is a chain of records in the event store, each with the SHA-256
-- of the one before. Here are its end, the place where each day of it begins,
-- and the records that the event store may not have yet. Times are nanoseconds.

CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash TEXT    NOT NULL
) STRICT;

CREATE TABLE audit_days (
    day  INTEGER PRIMARY KEY, -- since 1970, UTC
    seq  INTEGER NOT NULL,    -- of the day's first record
    prev TEXT    NOT NULL
) STRICT;

CREATE TABLE audit_pending (
    seq  INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    body TEXT    NOT NULL
) STRICT;
