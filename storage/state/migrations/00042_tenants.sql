-- +goose Up
-- What people make belongs to a tenant: "" is the default one, which has all
-- that was there before. Two tenants may use the same uid. SQLite changes no
-- keys of a table, so that those with uids are written anew: what refers to
-- others is dropped before them, for dropping a table deletes its rows.

CREATE TABLE new_folders (
    tenant  TEXT NOT NULL,
    uid     TEXT NOT NULL,
    parent  TEXT,                          -- NULL at the top
    title   TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    author  TEXT NOT NULL,                 -- of the newest change
    PRIMARY KEY (tenant, uid),
    FOREIGN KEY (tenant, parent) REFERENCES new_folders (tenant, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_dashboards (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- what older clients of Grafana go by
    tenant  TEXT NOT NULL,
    uid     TEXT NOT NULL,
    folder  TEXT,                              -- NULL at the top
    title   TEXT NOT NULL,                     -- as in the JSON
    tags    TEXT NOT NULL,                     -- as in the JSON
    version INTEGER NOT NULL,                  -- newest of dashboard_versions
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    creator TEXT NOT NULL,
    author  TEXT NOT NULL,                     -- of the newest version
    UNIQUE (tenant, uid),
    FOREIGN KEY (tenant, folder) REFERENCES new_folders (tenant, uid)
) STRICT;

CREATE TABLE new_dashboard_versions (
    dashboard INTEGER NOT NULL REFERENCES new_dashboards (id) ON DELETE CASCADE,
    version   INTEGER NOT NULL,  -- 1, 2, …
    json      BLOB NOT NULL,     -- the bytes that came in
    created   INTEGER NOT NULL,
    author    TEXT NOT NULL,
    message   TEXT NOT NULL,
    restored  INTEGER,           -- the version that this one brought back
    PRIMARY KEY (dashboard, version)
) STRICT, WITHOUT ROWID;

INSERT INTO new_folders SELECT '', uid, parent, title, version, created, updated, author FROM folders;
INSERT INTO new_dashboards SELECT id, '', uid, folder, title, tags, version, created, updated, creator, author FROM dashboards;
INSERT INTO new_dashboard_versions SELECT dashboard, version, json, created, author, message, restored FROM dashboard_versions;

-- Numbers of dashboards that were deleted are not used again.
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_dashboards', seq FROM sqlite_sequence
    WHERE name = 'dashboards' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_dashboards');
UPDATE sqlite_sequence SET seq = max(seq, (SELECT o.seq FROM sqlite_sequence o WHERE o.name = 'dashboards'))
    WHERE name = 'new_dashboards' AND EXISTS (SELECT 1 FROM sqlite_sequence o WHERE o.name = 'dashboards');

DROP TABLE dashboard_versions;
DROP TABLE dashboards;
DROP TABLE folders;
ALTER TABLE new_folders RENAME TO folders;
ALTER TABLE new_dashboards RENAME TO dashboards;
ALTER TABLE new_dashboard_versions RENAME TO dashboard_versions;
CREATE INDEX dashboards_by_folder ON dashboards (tenant, folder);

CREATE TABLE new_stars (
    tenant    TEXT NOT NULL,
    user      TEXT NOT NULL,
    dashboard TEXT NOT NULL, -- uid
    PRIMARY KEY (tenant, user, dashboard)
) STRICT, WITHOUT ROWID;
INSERT INTO new_stars SELECT '', user, dashboard FROM stars;
DROP TABLE stars;
ALTER TABLE new_stars RENAME TO stars;

CREATE TABLE new_playlists (
    tenant   TEXT NOT NULL,
    uid      TEXT NOT NULL,
    name     TEXT NOT NULL,
    interval INTEGER NOT NULL, -- milliseconds each dashboard is shown
    items    TEXT NOT NULL,    -- uids
    author   TEXT NOT NULL,
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;
INSERT INTO new_playlists SELECT '', uid, name, interval, items, author FROM playlists;
DROP TABLE playlists;
ALTER TABLE new_playlists RENAME TO playlists;

CREATE TABLE new_shortlinks (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    path    TEXT NOT NULL,    -- with search, relative to the base of the page
    created INTEGER NOT NULL, -- milliseconds since 1970
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_shortlinks SELECT '', id, path, created FROM shortlinks;
DROP TABLE shortlinks;
ALTER TABLE new_shortlinks RENAME TO shortlinks;

ALTER TABLE annotations ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE snapshots ADD COLUMN tenant TEXT NOT NULL DEFAULT '';

-- Of notifications and of what happened to alerts: that of the alerts.
ALTER TABLE notifications ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE alert_changes ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
UPDATE alert_changes SET tenant = json_extract(labels, '$.__tenant_id__') WHERE json_extract(labels, '$.__tenant_id__') IS NOT NULL;
