package logql

import (
	"context"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// filter translates a label filter. The predicate keeps all lines that pass
// and, if it is exact, no others; nil when nothing is known.
func (pv *provenance) filter(ctx context.Context, f LabelFilter) (p storage.Predicate, exact bool, err error) {
	switch f := f.(type) {
	case *AndFilter:
		return pv.both(ctx, f.Left, f.Right, func(l, r storage.Predicate) storage.Predicate {
			switch {
			case l == nil:
				return r
			case r == nil:
				return l
			}
			return storage.And{l, r}
		})
	case *OrFilter:
		return pv.both(ctx, f.Left, f.Right, func(l, r storage.Predicate) storage.Predicate {
			if l == nil || r == nil {
				return nil
			}
			return storage.Or{l, r}
		})
	case *MatchFilter:
		if f.Matcher.Name == errorLabel {
			p, exact = pv.errorIs(f.Matcher)
			return p, exact, nil
		}
		s, err := pv.of(ctx, f.Matcher.Name)
		if err != nil || !s.known {
			return nil, false, err
		}
		p, exact = s.match(f.Matcher)
		return p, exact, nil
	case *NumberFilter:
		return pv.present(ctx, f.Label)
	case *DurationFilter:
		return pv.present(ctx, f.Label)
	case *BytesFilter:
		return pv.present(ctx, f.Label)
	case *IPFilter:
		return pv.present(ctx, f.Label)
	}
	return nil, false, nil
}

func (pv *provenance) both(ctx context.Context, left, right LabelFilter, join func(l, r storage.Predicate) storage.Predicate) (storage.Predicate, bool, error) {
	// A filter on the error would see the one that its neighbour sets.
	if mayFail(left) || mayFail(right) {
		was := pv.errors
		pv.errors = false
		defer func() { pv.errors = was }()
	}
	l, le, err := pv.filter(ctx, left)
	if err != nil {
		return nil, false, err
	}
	r, re, err := pv.filter(ctx, right)
	if err != nil {
		return nil, false, err
	}
	return join(l, r), le && re, nil
}

// match keeps lines whose label m matches.
func (s sources) match(m *labels.Matcher) (p storage.Predicate, exact bool) {
	exact = !s.mixed
	for _, x := range s.list {
		exact = exact && x.texts
	}
	switch {
	case exact:
		return s.chain(m), true
	case m.Matches(""):
		return nil, false
	}
	var or storage.Or
	for _, x := range s.list {
		or = append(or, x.may(m))
	}
	return or, false
}

// chain asks one source after the other.
func (s sources) chain(m *labels.Matcher) storage.Predicate {
	n := len(s.list)
	if n == 0 {
		if m.Matches("") {
			return storage.And{}
		}
		return storage.Or{}
	}
	p := fits(s.list[n-1].field, m)
	for i := n - 2; i >= 0; i-- {
		f := s.list[i].field
		here, gone := has(f, m), absent(f)
		if f.Place == storage.Attr { // an empty one makes no label
			empty := storage.Compare{Field: f, Op: storage.Eq, Value: model.String("")}
			gone = storage.Or{gone, empty}
			if m.Matches("") {
				here = storage.And{here, storage.Not{P: empty}}
			}
		}
		p = storage.Or{here, storage.And{gone, p}}
	}
	return p
}

// may keeps at least the rows whose field has a text that m matches, which
// the empty one is not.
func (x source) may(m *labels.Matcher) storage.Predicate {
	switch {
	case x.texts:
		return has(x.field, m)
	// The text of arrays and maps is not what predicates compare.
	case m.Type != labels.MatchEqual || strings.ContainsAny(m.Value[:1], "[{"):
		return storage.Exists{Field: x.field}
	}
	var or storage.Or
	for _, v := range valuesOfText(m.Value) {
		or = append(or, storage.Compare{Field: x.field, Op: storage.Eq, Value: v})
	}
	return or
}

// present keeps lines that have the label: others do not pass a comparison of
// quantities.
func (pv *provenance) present(ctx context.Context, name string) (storage.Predicate, bool, error) {
	s, err := pv.of(ctx, name)
	if err != nil || !s.known || s.picked {
		return nil, false, err
	}
	or := storage.Or{}
	for _, x := range s.list {
		or = append(or, storage.Exists{Field: x.field})
	}
	return or, len(or) == 0, nil
}

// errorIs keeps lines whose error m matches. Of the parsers that a store knows
// only those of JSON refuse lines.
func (pv *provenance) errorIs(m *labels.Matcher) (p storage.Predicate, exact bool) {
	if !pv.errors {
		return nil, false
	}
	refused := storage.Or{}
	for _, f := range pv.refused() {
		refused = append(refused, storage.Exists{Field: f})
	}
	switch good, bad := m.Matches(""), m.Matches(linefield.JSONError); {
	case good && bad:
		return storage.And{}, true
	case good:
		return storage.Not{P: refused}, true
	case bad:
		return refused, true
	}
	return storage.Or{}, true
}

// refused returns the fields that tell that a parser has refused a line.
func (pv *provenance) refused() []storage.Field {
	var out []storage.Field
	for _, p := range pv.parsers {
		if f, ok := p.refused(); ok {
			out = append(out, f)
		}
	}
	return out
}

// valuesOfText returns the values whose Text is text.
func valuesOfText(text string) []model.Value {
	out := []model.Value{model.String(text), model.Bytes(text)}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		out = append(out, model.Int(n))
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		out = append(out, model.Float(f))
	}
	if text == "true" || text == "false" {
		out = append(out, model.Bool(text == "true"))
	}
	return out
}
