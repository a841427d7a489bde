// Package event stores log records and spans: a write-ahead log, a searchable
// head in memory, and immutable parts on disk that hold one UTC day each.
//
// A Store is safe for concurrent use. Open starts nothing; Run owns every
// goroutine that outlives a call. Scans work on a snapshot of reference-counted
// parts and never block writers.
//
// Vocabulary. The two signals are kept apart in a table each. A segment is one
// file of a table's write-ahead log; the head is the segment's rows in memory.
// A flush turns a head into parts, one a day, each named after the segments
// whose rows of that day it holds; that name is all that replay needs to never
// lose nor double a row. A part consists of granules of 4096 rows, ordered by
// time and then by append order.
//
// Merges turn neighbouring parts of a day into one and leave out what is
// hidden: rows that were deleted, or are over the retention of their stream. A
// hidden row is in no answer, whether its bytes are still there or not.
//
// docs/format/{wal,part,delete}.md describe the bytes.
package event
