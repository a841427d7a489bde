-- +goose Up
-- Who is notified of which alerts, as it is written in the page: the newest version is
-- in force while the configuration file says nothing. Times are milliseconds since 1970.
CREATE TABLE notification_configs (
    version  INTEGER PRIMARY KEY, -- 1, 2, …
    sealed   BLOB NOT NULL,       -- Alertmanager's YAML, sealed with the key file: it has secrets
    created  INTEGER NOT NULL,
    author   TEXT NOT NULL,
    message  TEXT NOT NULL,
    restored INTEGER              -- the version that this one brought back
) STRICT;
