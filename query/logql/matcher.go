package logql

import (
	"regexp"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// SelectorPredicate translates a stream selector. LogQL takes a missing label
// for an empty one, while predicates tell them apart.
func SelectorPredicate(ms []*labels.Matcher) storage.Predicate {
	if len(ms) == 0 {
		return nil
	}
	and := make(storage.And, 0, len(ms))
	for _, m := range ms {
		and = append(and, matcherPredicate(m))
	}
	return and
}

func matcherPredicate(m *labels.Matcher) storage.Predicate {
	field := storage.Field{Place: storage.Stream, Key: m.Name}
	var has storage.Predicate // the label is there and its value fits the text
	switch m.Type {
	case labels.MatchEqual, labels.MatchNotEqual:
		has = storage.Compare{Field: field, Op: storage.Eq, Value: model.String(m.Value)}
	default:
		// The matcher was made by the parser, so the expression compiles.
		has = storage.Match{Field: field, Regexp: regexp.MustCompile("^(?s:" + m.Value + ")$")}
	}
	positive := m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp
	absentFits := m.Matches("")
	switch {
	case positive && absentFits:
		return storage.Or{storage.Not{P: storage.Exists{Field: field}}, has}
	case positive:
		return has
	case absentFits:
		return storage.Not{P: has}
	default:
		return storage.And{storage.Exists{Field: field}, storage.Not{P: has}}
	}
}
