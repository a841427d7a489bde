// Package model holds the nouns every Oriel package shares: batches of log
// records and spans, their values, identifiers and time ranges. It does no I/O.
//
// Nothing here is safe for concurrent mutation; everything may be read
// concurrently once it is no longer being built.
//
// Vocabulary, after OpenTelemetry's log and trace data models: a record is a
// log line with its attributes; a stream is what many rows share (a Loki label
// set, or a span's resource and scope); a row is a record or a span.
package model
