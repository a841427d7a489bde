package storage

import "github.com/oriel-obs/oriel/model"

// A StreamsRequest asks which streams have rows.
type StreamsRequest struct {
	Signal model.Signal // required
	Range  model.Range  // rows of these times; a store may take a wider range
	Where  Predicate    // on Stream, ScopeName, ScopeVersion and ScopeAttr fields only; nil keeps every stream
}

// A KeysRequest asks which keys occur at a place.
type KeysRequest struct {
	Signal model.Signal // required
	Range  model.Range  // a store may take a wider range
	Where  Predicate    // rows to look at; nil looks at every row
	Place  Place        // one of the places marked (key); required
}

// A Key is an attribute key that occurs.
type Key struct {
	Name  string
	Kinds []model.Kind // of its values, ascending
}

// A ValuesRequest asks which values a field takes.
type ValuesRequest struct {
	Signal model.Signal // required
	Range  model.Range  // a store may take a wider range
	Where  Predicate    // rows to look at; nil looks at every row
	Field  Field        // required
	Limit  int          // of values, the most frequent ones; 0 means no limit
}

// A ValueCount is a value and the number of rows that have it.
type ValueCount struct {
	Value model.Value
	Rows  int64
}
