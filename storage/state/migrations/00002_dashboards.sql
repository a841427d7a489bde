-- +goose Up
-- Times are milliseconds since 1970. Lists are JSON arrays of strings.

CREATE TABLE folders (
    uid     TEXT PRIMARY KEY,
    parent  TEXT REFERENCES folders (uid), -- NULL at the top
    title   TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    author  TEXT NOT NULL                  -- of the newest change
) STRICT, WITHOUT ROWID;

CREATE TABLE dashboards (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- what Grafana's older clients go by
    uid     TEXT NOT NULL UNIQUE,
    folder  TEXT REFERENCES folders (uid),     -- NULL at the top
    title   TEXT NOT NULL,                     -- as in the JSON
    tags    TEXT NOT NULL,                     -- as in the JSON
    version INTEGER NOT NULL,                  -- newest of dashboard_versions
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    creator TEXT NOT NULL,
    author  TEXT NOT NULL                      -- of the newest version
) STRICT;
CREATE INDEX dashboards_by_folder ON dashboards (folder);

CREATE TABLE dashboard_versions (
    dashboard INTEGER NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    version   INTEGER NOT NULL,  -- 1, 2, …
    json      BLOB NOT NULL,     -- the bytes that came in
    created   INTEGER NOT NULL,
    author    TEXT NOT NULL,
    message   TEXT NOT NULL,
    restored  INTEGER,           -- the version that this one brought back
    PRIMARY KEY (dashboard, version)
) STRICT, WITHOUT ROWID;

-- Provisioned dashboards are in no table, and have stars all the same.
CREATE TABLE stars (
    user      TEXT NOT NULL,
    dashboard TEXT NOT NULL, -- uid
    PRIMARY KEY (user, dashboard)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotations (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    dashboard TEXT NOT NULL,    -- uid; '' belongs to all
    panel     INTEGER NOT NULL, -- 0 belongs to all panels
    start     INTEGER NOT NULL,
    stop      INTEGER NOT NULL, -- start for a point in time
    text      TEXT NOT NULL,
    tags      TEXT NOT NULL,
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    author    TEXT NOT NULL
) STRICT;
CREATE INDEX annotations_by_time ON annotations (start, stop);

CREATE TABLE snapshots (
    key     TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    json    BLOB NOT NULL,    -- a dashboard with its panels' data
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL, -- 0 is never
    author  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE playlists (
    uid      TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    interval INTEGER NOT NULL, -- milliseconds each dashboard is shown
    items    TEXT NOT NULL,    -- uids
    author   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
