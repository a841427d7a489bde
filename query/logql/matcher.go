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
		and = append(and, fits(storage.Field{Place: storage.Stream, Key: m.Name}, m))
	}
	return and
}

// has keeps rows that have the field with a string that m matches.
func has(f storage.Field, m *labels.Matcher) storage.Predicate {
	p := same(f, m)
	if m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp {
		return p
	}
	return storage.And{storage.Exists{Field: f}, storage.Not{P: p}}
}

// fits is has, with a missing field taken for an empty one.
func fits(f storage.Field, m *labels.Matcher) storage.Predicate {
	switch {
	case !m.Matches(""):
		return has(f, m)
	case m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp:
		return storage.Or{absent(f), same(f, m)}
	}
	return storage.Not{P: same(f, m)}
}

// same keeps rows that have the field with the text or expression of m,
// whether or not m negates it.
func same(f storage.Field, m *labels.Matcher) storage.Predicate {
	if m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual {
		return storage.Compare{Field: f, Op: storage.Eq, Value: model.String(m.Value)}
	}
	// The matcher was made by the parser, so the expression compiles.
	return storage.Match{Field: f, Regexp: regexp.MustCompile("^(?s:" + m.Value + ")$")}
}

func absent(f storage.Field) storage.Predicate { return storage.Not{P: storage.Exists{Field: f}} }
