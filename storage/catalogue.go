package storage

import "github.com/oriel-obs/oriel/model"

// A StreamsRequest asks which streams have rows.
type StreamsRequest struct {
	Signal model.Signal // required
	Range  model.Range  // rows of these times; a store may take a wider range
	Where  Predicate    // on Stream, ScopeName, ScopeVersion and ScopeAttr fields only; nil keeps every stream
}

// A KeysRequest asks which keys occur at a place. Of JSON and Logfmt these are
// the labels that the parsers make.
type KeysRequest struct {
	Signal model.Signal // required
	Range  model.Range  // a store may take a wider range
	Where  Predicate    // rows to look at; nil looks at every row
	Place  Place        // one of the places marked (key), but JSONPath and LogfmtKey; required
	Names  bool         // Key.Rows and Key.Distinct are not wanted
	Within bool         // Key.Rows is to be of rows in Range alone, and so is what Key.Distinct is estimated from

	// Wide lets a store answer without looking at rows: keys that only rows
	// outside Where have may be among them. That is enough to plan with, but
	// not to be shown to whom Where hides these rows from.
	Wide bool
}

// A Key is an attribute key that occurs.
type Key struct {
	Name  string
	Kinds []model.Kind // of its values, ascending

	// How many rows have it (of attributes of events and links, how many of
	// these), and about how many values it takes; 0 is not known. A store may
	// take both of a wider range, unless KeysRequest.Within.
	Rows     int64
	Distinct int64
}

// A ValuesRequest asks which values a field takes.
type ValuesRequest struct {
	Signal model.Signal // required
	Range  model.Range  // of row times; required
	Where  Predicate    // rows to look at; nil looks at every row
	Field  Field        // required
	Limit  int          // of values, the most frequent ones; 0 means no limit

	// MaxValues bounds the memory: more values than that are ErrTooManyGroups.
	// 0 means no limit.
	MaxValues int
}

// A ValueCount is a value and the number of rows that have it.
type ValueCount struct {
	Value model.Value
	Rows  int64
}
