package model

import (
	"math"
	"time"
)

// A Signal says what the rows of a batch are.
type Signal uint8

// The two signals of the event store.
const (
	Logs  Signal = iota + 1 // log records
	Spans                   // trace spans
)

// String returns "logs" or "spans", the names used in paths and metrics.
func (s Signal) String() string {
	switch s {
	case Logs:
		return "logs"
	case Spans:
		return "spans"
	}
	return "unknown"
}

// A Range is the half-open interval [Start, End) in nanoseconds since the Unix
// epoch, UTC. A Range with End <= Start is empty.
type Range struct {
	Start, End int64
}

// AllTime covers every representable instant but the very last nanosecond.
func AllTime() Range { return Range{Start: math.MinInt64, End: math.MaxInt64} }

// RangeOf converts wall-clock bounds.
func RangeOf(start, end time.Time) Range {
	return Range{Start: start.UnixNano(), End: end.UnixNano()}
}

// Contains reports whether t lies in r.
func (r Range) Contains(t int64) bool { return t >= r.Start && t < r.End }

// Overlaps reports whether some instant of the closed interval [first, last]
// lies in r.
func (r Range) Overlaps(first, last int64) bool { return first < r.End && last >= r.Start }

// Empty reports whether r holds no instant.
func (r Range) Empty() bool { return r.End <= r.Start }
