-- +goose Up
-- When each service last sent logs or spans. Times are milliseconds.
CREATE TABLE sources (
    signal  TEXT NOT NULL,
    service TEXT NOT NULL,
    seen    INTEGER NOT NULL, -- since 1970
    gap     INTEGER NOT NULL, -- that usually lies between two batches
    saved   INTEGER NOT NULL, -- since 1970
    PRIMARY KEY (signal, service)
) STRICT, WITHOUT ROWID;
