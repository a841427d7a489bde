// Package journald takes the journal of systemd over HTTP, as
// systemd-journal-upload sends it: `systemd-journal-upload
// --url=http://127.0.0.1:4319` needs no more.
//
// Specification: Journal Export Format,
// https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format
// A request may go on for as long as its sender follows the journal: entries
// are stored as they arrive, and the answer means that all of them are.
// Addresses of the journal's own (fields that begin with two underscores)
// serve only as the time, and are not kept.
package journald
