package traceql

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage"
)

// ParsePredicate parses a query that is a single spanset filter and returns the
// predicate that keeps just the spans of which it is true. Conditions that
// depend on more than one field of a span have none and are fault.ErrInvalid.
func ParsePredicate(query string) (storage.Predicate, error) {
	q, err := Parse(query)
	if err != nil {
		return nil, err
	}
	if q.Search == nil || len(q.Search.Stages) != 1 || len(q.Hints) > 0 {
		return nil, fmt.Errorf("%s: only a single spanset filter can be used here: %w", query, fault.ErrInvalid)
	}
	f, ok := q.Search.Stages[0].(*Filter)
	if !ok {
		return nil, fmt.Errorf("%s: only a single spanset filter can be used here: %w", query, fault.ErrInvalid)
	}
	n := filterNeeds(f)
	p, exact := n.exact(f)
	if !exact || n.trace {
		return nil, fmt.Errorf("%s: only comparisons of scoped attributes and span fields with values, "+
			"joined by && and ||, can be used here: %w", query, fault.ErrInvalid)
	}
	return p, nil
}
