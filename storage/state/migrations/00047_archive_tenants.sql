-- +goose Up
-- Whose spans are in a trace: JSON. NULL is of one that was archived before this was kept.
ALTER TABLE archived_traces ADD COLUMN tenants TEXT;
