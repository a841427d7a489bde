package event

import (
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A filter is a predicate taken apart for pushing down: it keeps a row if all
// of its pieces do.
type filter struct {
	where   storage.Predicate // all of it
	keyed   []storage.Field   // see keyedFields
	streams storage.Predicate // conjuncts on streams alone; nil keeps every stream
	steps   []step            // the other conjuncts, cheapest first
	indexed storage.And       // those that the token index is asked about
}

// A step is a conjunct with the columns it reads.
type step struct {
	p       storage.Predicate
	reads   columns
	streams bool // p asks about streams too
	cost    int

	ids map[model.TraceID]bool // p asks for one of these; nil if for something else

	coded bool // p is best evaluated on the codes of field
	field storage.Field

	ofBody storage.Field // what p is about, as soleStep has it
	sole   bool

	anchored *anchored // what p is as such, or nil
}

// indexedIDs is for how many trace ids at most the token index is asked. Of more,
// most granules have one, and reading their ids costs less than asking.
const indexedIDs = 128

func newFilter(where storage.Predicate) *filter {
	f := &filter{where: where, keyed: keyedFields(where)}
	var onStreams storage.And
	for _, p := range conjuncts(where, nil) {
		if streamOnly(p) {
			onStreams = append(onStreams, p)
			continue
		}
		s := step{p: p}
		s.cost = s.read(p)
		s.field, s.coded = codedField(p)
		s.ofBody, s.sole = soleStep(p)
		s.anchored = anchor(p)
		if ids, ok := traceIDs(p); ok {
			s.ids = make(map[model.TraceID]bool, len(ids))
			for _, id := range ids {
				s.ids[id] = true
			}
		}
		if len(s.ids) <= indexedIDs {
			f.indexed = append(f.indexed, p)
		}
		f.steps = append(f.steps, s)
	}
	if len(onStreams) > 0 {
		f.streams = onStreams
	}
	slices.SortStableFunc(f.steps, func(a, b step) int { return a.cost - b.cost })
	return f
}

// conjuncts flattens nested conjunctions.
func conjuncts(p storage.Predicate, to []storage.Predicate) []storage.Predicate {
	switch p := p.(type) {
	case nil:
	case storage.And:
		for _, q := range p {
			to = conjuncts(q, to)
		}
	default:
		to = append(to, p)
	}
	return to
}

// fields calls f with each field of p.
func fields(p storage.Predicate, f func(storage.Field)) {
	switch p := p.(type) {
	case storage.And:
		for _, q := range p {
			fields(q, f)
		}
	case storage.Or:
		for _, q := range p {
			fields(q, f)
		}
	case storage.Not:
		fields(p.P, f)
	case storage.Compare:
		f(p.Field)
	case storage.Match:
		f(p.Field)
	case storage.Contains:
		f(p.Field)
	case storage.Exists:
		f(p.Field)
	}
}

// streamOnly reports whether p can be told from a row's stream.
func streamOnly(p storage.Predicate) bool {
	only := true
	fields(p, func(f storage.Field) { only = only && ofStream(f.Place) })
	return only
}

func ofStream(p storage.Place) bool {
	switch p {
	case storage.Stream, storage.ScopeName, storage.ScopeVersion, storage.ScopeAttr:
		return true
	}
	return false
}

// traceIDs returns the trace ids one of which p asks for, if that is what p
// does. An id that is no id is left out: no row has it.
func traceIDs(p storage.Predicate) ([]model.TraceID, bool) {
	switch p := p.(type) {
	case storage.Compare:
		if p.Field.Place != storage.TraceID || p.Op != storage.Eq {
			return nil, false
		}
		id, err := model.ParseTraceID(p.Value.Str())
		if err != nil || p.Value != model.String(id.String()) {
			return nil, true
		}
		return []model.TraceID{id}, true
	case storage.Or:
		var all []model.TraceID
		for _, q := range p {
			ids, ok := traceIDs(q)
			if !ok {
				return nil, false
			}
			all = append(all, ids...)
		}
		return all, true
	}
	return nil, false
}

// read adds what p reads, and returns about what that costs.
func (s *step) read(p storage.Predicate) (cost int) {
	fields(p, func(f storage.Field) {
		cost += s.reads.add(f)
		s.streams = s.streams || ofStream(f.Place)
	})
	return cost
}

// keepStreams evaluates f's stream predicate once per stream. nil means that
// all are kept; none reports that not one is.
func (f *filter) keepStreams(streams []*model.Stream) (keep []bool, none bool) {
	if f.streams == nil {
		return nil, len(streams) == 0
	}
	return tidy(matchStreams(f.streams, streams))
}

// tidy returns nil for keep if all are kept, and whether none is.
func tidy(keep []bool) ([]bool, bool) {
	if !slices.Contains(keep, false) {
		return nil, len(keep) == 0
	}
	return keep, !slices.Contains(keep, true)
}

// matchStreams evaluates a predicate on streams.
func matchStreams(p storage.Predicate, streams []*model.Stream) []bool {
	b := &model.Batch{Streams: streams, StreamOf: make([]uint32, len(streams)), Time: make([]int64, len(streams))}
	m := storage.NewMatcher(p)
	keep := make([]bool, len(streams))
	for i := range streams {
		b.StreamOf[i] = uint32(i)
		keep[i] = m.Keep(b, i)
	}
	return keep
}
