-- +goose Up
-- Queries that people keep under a name, and how signals lead to each other.
CREATE TABLE queries (
    tenant   TEXT NOT NULL,
    uid      TEXT NOT NULL,
    name     TEXT NOT NULL,
    language TEXT NOT NULL,    -- promql, logql or traceql
    query    TEXT NOT NULL,
    updated  INTEGER NOT NULL, -- milliseconds since 1970
    author   TEXT NOT NULL,    -- of the newest change
    PRIMARY KEY (tenant, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE correlations (
    tenant  TEXT PRIMARY KEY,
    json    TEXT NOT NULL,     -- {"rules": [...], "off": [...]}
    version INTEGER NOT NULL,  -- 1, 2, ...
    updated INTEGER NOT NULL,
    author  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
