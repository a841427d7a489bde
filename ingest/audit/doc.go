// Package audit keeps what people did, as log records that tell when one of
// them is changed or missing.
//
// A record is a line of JSON in the stream {log_source="audit",
// service_name="oriel"} of the event store. It has a number and the SHA-256 of
// the line before it; the state database has the newest line's. A record is in
// the state database before whoever caused it gets an answer, and goes from
// there to the event store, so that the chain has no fork and no gap wherever
// the process dies. Whoever can write both stores' files can make up a whole
// new chain: what Verify prints of its end, noted elsewhere, shows that too.
package audit
