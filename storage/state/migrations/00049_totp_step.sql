-- +goose Up
-- Until when codes of the second factor are used up: the step of RFC 6238.
ALTER TABLE users ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
