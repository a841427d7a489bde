-- +goose Up
-- How long signals are kept where an admin set something else than oriel.yaml says.
CREATE TABLE retentions (
    signal  TEXT PRIMARY KEY,  -- metrics, logs or spans
    period  INTEGER NOT NULL,  -- milliseconds; 0 keeps all
    updated INTEGER NOT NULL,  -- milliseconds since 1970
    author  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
