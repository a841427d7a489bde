-- +goose Up
-- Traces that somebody asked to keep, beyond the retention of spans.
CREATE TABLE archived_traces (
    trace_id BLOB PRIMARY KEY,
    spans    INTEGER NOT NULL, -- how many
    data     BLOB NOT NULL,    -- OTLP in protobuf, compressed by zstd
    archived INTEGER NOT NULL  -- milliseconds since 1970
) STRICT;
