// Package state keeps what people make in Oriel, as opposed to what their
// systems send: dashboards, users, tokens, notes on alerts. It is small, read
// by every process start and written by hand, so it is one SQLite database of
// plain SQL; each noun has a file here, and each change of the schema one in
// migrations, numbered, never edited once released.
package state
