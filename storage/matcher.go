package storage

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// A Matcher evaluates a predicate on rows. It is the definition of what
// predicates mean: stores use it to recheck what their indexes let through,
// tests to know what to expect. It is not safe for concurrent use.
type Matcher struct {
	p     Predicate
	batch *model.Batch
	attrs map[string]*model.Cursor // of batch, by key
	last  int
	sets  map[*Predicate]*stringSet // of long Ors, by their first element
	body  BodyParser
}

// NewMatcher returns a Matcher of p; nil keeps every row.
func NewMatcher(p Predicate) *Matcher { return &Matcher{p: p, last: -1} }

// Keep reports whether row i of b satisfies the predicate. Rows are asked for
// in any order, though ascending order in one batch is fastest. b must hold
// every column that the predicate names.
func (m *Matcher) Keep(b *model.Batch, i int) bool {
	if m.p == nil {
		return true
	}
	if m.batch != b || i < m.last {
		m.batch = b
		m.attrs = make(map[string]*model.Cursor, len(b.Attrs))
		for _, c := range b.Attrs {
			k := c.Cursor()
			m.attrs[c.Key] = &k
		}
	}
	m.last = i
	return m.eval(m.p, i)
}

func (m *Matcher) eval(p Predicate, i int) bool {
	switch p := p.(type) {
	case And:
		for _, q := range p {
			if !m.eval(q, i) {
				return false
			}
		}
		return true
	case Or:
		if set := m.set(p); set != nil {
			return m.any(set.field, i, func(v model.Value) bool { return set.values[v] })
		}
		for _, q := range p {
			if m.eval(q, i) {
				return true
			}
		}
		return false
	case Not:
		return !m.eval(p.P, i)
	case Exists:
		return m.any(p.Field, i, func(model.Value) bool { return true })
	case Compare:
		return m.any(p.Field, i, func(v model.Value) bool { return compare(v, p.Op, p.Value) })
	case Match:
		return m.any(p.Field, i, func(v model.Value) bool {
			return v.Kind() == model.KindString && p.Regexp.MatchString(v.Str())
		})
	case Contains:
		if p.FoldCase {
			return m.any(p.Field, i, func(v model.Value) bool {
				return v.Kind() == model.KindString && ContainsFold(v.Str(), p.Needle)
			})
		}
		return m.any(p.Field, i, func(v model.Value) bool {
			return v.Kind() == model.KindString && strings.Contains(v.Str(), p.Needle)
		})
	}
	panic(fmt.Sprintf("storage: unknown predicate %T", p))
}

// A stringSet is an Or of equalities of one field with strings, as for a list
// of trace ids.
type stringSet struct {
	field  Field
	values map[model.Value]bool
}

// longOr is how many alternatives make a set worth its while.
const longOr = 8

// set returns p as a set, or nil if it is something else.
func (m *Matcher) set(p Or) *stringSet {
	if len(p) < longOr {
		return nil
	}
	if set, ok := m.sets[&p[0]]; ok {
		return set
	}
	set := &stringSet{values: make(map[model.Value]bool, len(p))}
	for i, q := range p {
		c, ok := q.(Compare)
		if !ok || c.Op != Eq || c.Value.Kind() != model.KindString || i > 0 && c.Field != set.field {
			set = nil
			break
		}
		set.field = c.Field
		set.values[c.Value] = true
	}
	if m.sets == nil {
		m.sets = map[*Predicate]*stringSet{}
	}
	m.sets[&p[0]] = set
	return set
}

func compare(v model.Value, op Op, want model.Value) bool {
	if v.Kind() == want.Kind() && (op == Eq || op == Ne) {
		if v.Kind() == model.KindFloat {
			return (v.Float64() == want.Float64()) == (op == Eq)
		}
		return (v == want) == (op == Eq)
	}
	if v.Kind() == model.KindFloat && want.Kind() == model.KindFloat && (v.Float64() != v.Float64() || want.Float64() != want.Float64()) {
		return false // NaN has no order
	}
	order, ok := v.Compare(want)
	return ok && op.Holds(order)
}

// any reports whether f is true of one of the values of field in row i.
func (m *Matcher) any(field Field, i int, f func(model.Value) bool) bool {
	one := func(v model.Value) bool {
		switch v.Kind() {
		case model.KindNone:
			return false
		case model.KindArray:
			for _, e := range Elements(v) {
				if f(e) {
					return true
				}
			}
			return false
		}
		return f(v)
	}
	switch field.Place {
	case Attr:
		k := m.attrs[field.Key]
		return k != nil && one(k.At(i))
	case JSON, JSONPath, Logfmt, LogfmtKey:
		return one(m.body.Value(m.batch.Body[i], field))
	}
	for v := range Values(m.batch, i, field) {
		if one(v) {
			return true
		}
	}
	return false
}

// Values yields the values of field in row i of b, as they are stored: none if
// the row lacks it, several for fields of events and links.
func Values(b *model.Batch, i int, field Field) func(yield func(model.Value) bool) {
	return func(yield func(model.Value) bool) {
		one := func(v model.Value) {
			if !v.IsNone() {
				yield(v)
			}
		}
		id := func(s string) {
			if s != "" {
				yield(model.String(s))
			}
		}
		switch field.Place {
		case Body:
			yield(model.String(b.Body[i]))
			return
		case Stream:
			one(b.Stream(i).Attr(field.Key))
			return
		case Attr:
			one(b.Attr(i, field.Key))
			return
		case ScopeName:
			id(b.Stream(i).ScopeName)
			return
		case ScopeVersion:
			id(b.Stream(i).ScopeVersion)
			return
		case ScopeAttr:
			one(model.FindAttr(b.Stream(i).ScopeAttrs, field.Key))
			return
		case JSON, JSONPath, Logfmt, LogfmtKey:
			var p BodyParser
			one(p.Value(b.Body[i], field))
			return
		}
		sp := b.Spans
		if sp == nil {
			return
		}
		switch field.Place {
		case TraceID:
			id(sp.TraceID[i].String())
		case SpanID:
			id(sp.SpanID[i].String())
		case ParentID:
			id(sp.ParentID[i].String())
		case Kind:
			yield(model.Int(int64(sp.Kind[i])))
		case Status:
			yield(model.Int(int64(sp.Status[i])))
		case StatusMessage:
			yield(model.String(sp.StatusMessage[i]))
		case Duration:
			yield(model.Int(sp.Duration[i]))
		case TraceState:
			id(sp.TraceState[i])
		case EventName, EventAttr, EventTime:
			for _, e := range sp.Events[i] {
				v := model.String(e.Name)
				switch field.Place {
				case EventAttr:
					v = model.FindAttr(e.Attrs, field.Key)
				case EventTime:
					v = model.Int(e.Time - b.Time[i])
				}
				if !v.IsNone() && !yield(v) {
					return
				}
			}
		case LinkTraceID, LinkSpanID, LinkAttr:
			for _, l := range sp.Links[i] {
				v := model.String(l.TraceID.String())
				switch field.Place {
				case LinkAttr:
					v = model.FindAttr(l.Attrs, field.Key)
				case LinkSpanID:
					v = model.String(l.SpanID.String())
				}
				if !v.IsNone() && !yield(v) {
					return
				}
			}
		}
	}
}

// Elements returns the elements of an array value that are strings, integers,
// floats or booleans; anything else has none. See model.Array for how kinds
// show in the text.
func Elements(v model.Value) []model.Value {
	if v.Kind() != model.KindArray {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal([]byte(v.Str()), &raw) != nil {
		return nil
	}
	out := make([]model.Value, 0, len(raw))
	for _, r := range raw {
		var x any
		dec := json.NewDecoder(strings.NewReader(string(r)))
		dec.UseNumber()
		if dec.Decode(&x) != nil {
			continue
		}
		switch x := x.(type) {
		case string:
			out = append(out, model.String(x))
		case bool:
			out = append(out, model.Bool(x))
		case json.Number:
			if strings.ContainsAny(x.String(), ".eE") {
				f, err := x.Float64()
				if err == nil {
					out = append(out, model.Float(f))
				}
			} else if n, err := x.Int64(); err == nil {
				out = append(out, model.Int(n))
			}
		}
	}
	return out
}
