package logql

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage"
)

// ParsePredicate parses a log query and returns the predicate that keeps just
// the lines which the query returns. Stages other than line filters, and line
// filters by pattern or address, have none and are fault.ErrInvalid.
func ParsePredicate(query string) (storage.Predicate, error) {
	e, err := ParseLog(query)
	if err != nil {
		return nil, err
	}
	and := storage.And{SelectorPredicate(e.Matchers)}
	for _, s := range e.Stages {
		f, ok := s.(*LineFilter)
		if !ok {
			return nil, fmt.Errorf("%s: only a stream selector and line filters can be used here: %w", query, fault.ErrInvalid)
		}
		p, exact := linePredicate(f)
		if p == nil || !exact {
			return nil, fmt.Errorf("%s: line filters by pattern or address cannot be used here: %w", query, fault.ErrInvalid)
		}
		and = append(and, p)
	}
	return and, nil
}
