-- +goose Up
-- Panels that several dashboards show. Times are milliseconds since 1970.
CREATE TABLE library_elements (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- what older clients of Grafana go by
    tenant  TEXT NOT NULL,
    uid     TEXT NOT NULL,
    folder  TEXT,                              -- NULL at the top
    name    TEXT NOT NULL,
    model   BLOB NOT NULL,                     -- JSON of the panel, as it came in
    version INTEGER NOT NULL,                  -- 1, 2, …
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    creator TEXT NOT NULL,
    author  TEXT NOT NULL,                     -- of the newest version
    UNIQUE (tenant, uid),
    FOREIGN KEY (tenant, folder) REFERENCES folders (tenant, uid)
) STRICT;
CREATE INDEX library_elements_by_folder ON library_elements (tenant, folder);
