package storage

import (
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
)

// A Scan selects rows from an event store.
type Scan struct {
	Signal  model.Signal // required
	Range   model.Range  // of row times (of spans the start); required
	Where   Predicate    // nil keeps every row
	Project *Projection  // what to decode; nil decodes everything
	Reverse bool         // newest first; ties in reverse append order
	Limit   int          // rows; 0 means no limit

	// MaxBytes bounds the bytes of columns that may be decoded; a scan that
	// needs more ends with ErrTooManyBytes. 0 means no limit.
	MaxBytes int64

	// Stats, if not nil, is added to while the scan runs. It belongs to the
	// scan until its last row has been yielded.
	Stats *Stats
}

// A Projection names what a scan decodes beyond time and stream. Fields that a
// predicate needs are read anyway but yielded only if they are named here.
type Projection struct {
	Body      bool     // log lines, span names
	Attrs     []string // keys of the rows' own attributes
	EveryAttr bool     // all of the rows' own attributes
	TraceID   bool     // of spans: the trace's id
	Tree      bool     // of spans: the ids of trace, span and parent, kind, status and duration
	Span      bool     // of spans: every column but events and links
	Events    bool     // of spans
	Links     bool     // of spans
}

// WantsAttr reports whether p, which may be nil, asks for attribute key.
func (p *Projection) WantsAttr(key string) bool {
	return p == nil || p.EveryAttr || slices.Contains(p.Attrs, key)
}

// Stats counts what a query cost. Times of parallel work add up.
type Stats struct {
	Parts          int64 // parts whose time range fits
	Granules       int64 // granules decoded, at least in part
	GranulesPruned int64 // granules of these parts that an index, streams or times ruled out
	IndexLookups   int64 // granule sets asked of token indexes
	RowsScanned    int64 // rows a predicate was evaluated on
	RowsYielded    int64
	BytesScanned   int64 // decoded bytes of the columns read

	PlanTime   time.Duration // opening parts and asking indexes
	ReadTime   time.Duration // reading and decoding columns
	FilterTime time.Duration // evaluating predicates
	Elapsed    time.Duration // of the whole query
}

// Add adds o to s.
func (s *Stats) Add(o Stats) {
	s.Parts += o.Parts
	s.Granules += o.Granules
	s.GranulesPruned += o.GranulesPruned
	s.IndexLookups += o.IndexLookups
	s.RowsScanned += o.RowsScanned
	s.RowsYielded += o.RowsYielded
	s.BytesScanned += o.BytesScanned
	s.PlanTime += o.PlanTime
	s.ReadTime += o.ReadTime
	s.FilterTime += o.FilterTime
	s.Elapsed += o.Elapsed
}
