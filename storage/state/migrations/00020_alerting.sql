-- +goose Up
-- Times are milliseconds since 1970.

-- What is to be sent, and what has been. A lane is what one integration of one
-- receiver is told about one group of alerts; within it, id is the order.
CREATE TABLE notifications (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver    TEXT NOT NULL,
    integration TEXT NOT NULL,
    idx         INTEGER NOT NULL,           -- of the integration within its kind
    group_key   TEXT NOT NULL,
    reason      TEXT NOT NULL,              -- why it was sent, for people
    state       TEXT NOT NULL,              -- waiting, delivered, dead or discarded
    content     BLOB,                       -- what is sent; NULL once it is not needed
    size        INTEGER NOT NULL,           -- bytes of content
    queued      INTEGER NOT NULL,
    since       INTEGER NOT NULL,           -- queued, or when it was last taken up again
    attempts    INTEGER NOT NULL DEFAULT 0,
    refused     INTEGER NOT NULL DEFAULT 0, -- attempts since then of which the receiver said that more will not help
    attempted   INTEGER NOT NULL DEFAULT 0, -- the newest attempt
    error       TEXT NOT NULL DEFAULT ''    -- of that attempt
) STRICT;
CREATE INDEX notifications_waiting ON notifications (receiver, integration, idx, group_key, id, size, queued) WHERE state = 'waiting';
CREATE INDEX notifications_dead ON notifications (receiver, integration, id) WHERE state = 'dead';

CREATE TABLE notification_alerts (
    notification INTEGER NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    fingerprint  TEXT NOT NULL,
    resolved     INTEGER NOT NULL, -- 0 or 1
    PRIMARY KEY (notification, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_alerts_by_fingerprint ON notification_alerts (fingerprint, notification);

CREATE TABLE notification_attempts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    notification INTEGER NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    at           INTEGER NOT NULL, -- its begin
    took         INTEGER NOT NULL, -- microseconds
    number       INTEGER NOT NULL, -- from 1
    status       TEXT NOT NULL,    -- delivered, failed or refused
    error        TEXT NOT NULL
) STRICT;
CREATE INDEX notification_attempts_by_notification ON notification_attempts (notification);

-- What each lane was told last. It is written together with the notification,
-- which Alertmanager's own log is not.
CREATE TABLE told (
    receiver    TEXT NOT NULL,
    integration TEXT NOT NULL,
    idx         INTEGER NOT NULL,
    group_key   TEXT NOT NULL,
    entry       BLOB NOT NULL, -- a length and a nflogpb.MeshEntry
    alerts      BLOB NOT NULL, -- JSON
    memory      BLOB,          -- a nflogpb.Entry: what the integration remembers of the group
    at          INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    PRIMARY KEY (receiver, integration, idx, group_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_changes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    state       TEXT NOT NULL,  -- pending, firing, resolved, inactive; acknowledged, unacknowledged, snoozed
    rule        TEXT NOT NULL,  -- its name
    grp         TEXT NOT NULL,  -- of the rule; '' for alerts that others sent
    file        TEXT NOT NULL,
    value       REAL,           -- of the expression; NULL where there is none
    labels      TEXT NOT NULL,  -- a JSON object, as are annotations
    annotations TEXT NOT NULL,
    author      TEXT NOT NULL,  -- of what people do
    comment     TEXT NOT NULL
) STRICT;
CREATE INDEX alert_changes_by_fingerprint ON alert_changes (fingerprint, id);
CREATE INDEX alert_changes_by_time ON alert_changes (at);

-- The newest state of each alert that is pending or firing.
CREATE TABLE alert_states (
    file        TEXT NOT NULL,
    grp         TEXT NOT NULL,
    rule        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state       TEXT NOT NULL,
    labels      TEXT NOT NULL,
    annotations TEXT NOT NULL,
    until       INTEGER NOT NULL, -- when alerts that others sent end by themselves, else 0
    PRIMARY KEY (file, grp, rule, fingerprint)
) STRICT, WITHOUT ROWID;

-- How far rows have been copied into the event store.
CREATE TABLE copied (
    name TEXT PRIMARY KEY,
    id   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgements (
    fingerprint TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    comment     TEXT NOT NULL,
    quiet       INTEGER NOT NULL, -- 1 stops repeated notifications
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
