-- +goose Up
-- Times are milliseconds since 1970; 0 is never. Lists are JSON.

CREATE TABLE users (
    name     TEXT PRIMARY KEY, -- in lower case
    password TEXT NOT NULL,    -- bcrypt; '' if they only come by single sign-on
    roles    TEXT NOT NULL,
    totp     BLOB,             -- sealed
    recovery TEXT NOT NULL,    -- hashes
    disabled INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    login    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    hash     TEXT NOT NULL UNIQUE,
    scopes   TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    networks TEXT NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    used     INTEGER NOT NULL,
    creator  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash    TEXT PRIMARY KEY,
    user    TEXT NOT NULL,
    roles   TEXT,          -- of users that are not in the table
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent   TEXT NOT NULL,
    source  TEXT NOT NULL,
    subject TEXT NOT NULL,
    sid     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE roles (
    name      TEXT PRIMARY KEY,
    scopes    TEXT NOT NULL,
    tenants   TEXT,          -- NULL is all
    selectors TEXT NOT NULL  -- by signal
) STRICT, WITHOUT ROWID;
