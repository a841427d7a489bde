-- +goose Up
-- What a session is known by in the cookie, one after the other. Times are
-- milliseconds since 1970; 0 is never.

CREATE TABLE session_ids (
    hash     TEXT PRIMARY KEY,
    session  TEXT NOT NULL REFERENCES sessions (hash) ON DELETE CASCADE,
    issued   INTEGER NOT NULL,
    replaced INTEGER NOT NULL  -- when a later one was first shown
) STRICT, WITHOUT ROWID;
CREATE INDEX session_ids_by_session ON session_ids (session);
INSERT INTO session_ids SELECT hash, hash, created, 0 FROM sessions;
