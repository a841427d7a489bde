-- +goose Up
-- Servers elsewhere that panels may ask, as they were pushed. Times are milliseconds since 1970.
CREATE TABLE data_sources (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- what older clients of Grafana go by
    uid        TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL UNIQUE,
    json       BLOB NOT NULL,                     -- what it is, without its secrets
    sealed     BLOB,                              -- its secrets, sealed with the key file; NULL without any
    is_default INTEGER NOT NULL,                  -- 1 for the one that is asked where none is named
    version    INTEGER NOT NULL,                  -- 1, 2, …
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    author     TEXT NOT NULL                      -- of the newest version
) STRICT;
