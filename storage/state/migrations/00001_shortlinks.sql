-- +goose Up
-- Long addresses of the page under short names. The name follows from the
-- address, so that the same address has one name.
CREATE TABLE shortlinks (
    id      TEXT PRIMARY KEY,
    path    TEXT NOT NULL,    -- with search, relative to the page's base
    created INTEGER NOT NULL  -- milliseconds since 1970
) STRICT, WITHOUT ROWID;
