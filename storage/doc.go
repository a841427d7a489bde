// Package storage is the contract between what stores events and what asks
// for them: scans, predicates, catalogue requests and sentinel errors. It does
// no I/O and names no store; storage/event and storage/storagetest implement
// it, ingest and query consume it.
//
// Metrics need no contract of ours: they use Prometheus' own storage package.
//
// Everything above this package must work over a remote store too, so a
// request is always predicate, projection, order and limit: plain data.
package storage
