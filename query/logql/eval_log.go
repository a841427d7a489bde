package logql

import (
	"context"
	"math"
	"slices"
	"unsafe"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// logs answers a query for lines.
func (e *Engine) logs(ctx context.Context, expr *LogExpr, p Params, r *Result, notes *Plan) error {
	c := &collector{streams: map[string]*Stream{}}
	var full error
	if err := e.lines(ctx, expr, p, &r.Stats, notes, func(l *line) bool {
		c.add(l)
		full = e.tooMuch(c.held)
		return full == nil
	}); err != nil {
		return err
	}
	if full != nil {
		return full
	}
	r.Kind = KindStreams
	r.Streams = c.result()
	return nil
}

// lines calls f with the lines of a query, in the order asked for, until it
// returns false. A line is valid during the call.
func (e *Engine) lines(ctx context.Context, expr *LogExpr, p Params, stats *storage.Stats, notes *Plan, f func(*line) bool) error {
	most := e.limits.MaxLines
	if most <= 0 {
		most = math.MaxInt
	}
	limit := p.Limit
	if limit <= 0 {
		limit = most
	}
	if limit > most {
		return limitErrorf("max entries limit per query exceeded, limit > query.max_lines (%d > %d)", limit, most)
	}
	within := model.Range{Start: p.Start, End: p.End}
	plan, err := newPlanner(e.src, within, expr, notes).plan(ctx, need{})
	if err != nil {
		return err
	}
	s := &scanner{engine: e, plan: plan, within: within, reverse: !p.Forward, stats: stats}
	if plan.exact && p.Interval == 0 && limit < math.MaxInt {
		s.limit = limit
	}
	notes.read(expr, s, "")
	taken := 0
	var last int64 // time of the newest line taken
	return s.run(ctx, func(l *line, _ *scanned) (bool, error) {
		if d := l.time - last; taken > 0 && d < int64(p.Interval) && -d < int64(p.Interval) {
			return true, nil
		}
		last = l.time
		taken++
		return f(l) && taken < limit, nil
	})
}

// A collector groups lines by their labels.
type collector struct {
	streams map[string]*Stream
	sets    labelSets
	key     []byte
	held    int64 // bytes, about
}

func (c *collector) add(l *line) {
	final := l.final()
	c.key = appendKey(c.key[:0], final)
	st := c.streams[string(c.key)]
	if st == nil {
		st = &Stream{Labels: toLabels(final)}
		c.streams[string(c.key)] = st
		c.held += int64(2 * len(c.key))
	}
	c.held += int64(len(l.text)) + entrySize
	st.Entries = append(st.Entries, c.sets.entry(l, final))
}

// entrySize is what an Entry takes besides its text.
const entrySize = int64(unsafe.Sizeof(Entry{}))

// tooMuch is the error over the limit of memory, or nil.
func (e *Engine) tooMuch(held int64) error {
	e.limits.Used(query.Usage{Memory: held})
	if most := e.limits.MaxMemory; most > 0 && held > most {
		return limitErrorf("query gathers more than %d bytes; narrow its time range or selector, lower its limit or raise its step, or raise query.max_memory", most)
	}
	return nil
}

func (c *collector) result() []Stream {
	out := make([]Stream, 0, len(c.streams))
	for _, st := range c.streams {
		out = append(out, *st)
	}
	slices.SortFunc(out, func(a, b Stream) int { return labels.Compare(a.Labels, b.Labels) })
	return out
}

// labelSets remembers sets of labels, so that entries share them.
type labelSets struct {
	known map[string]labels.Labels
	key   []byte
	part  []label
}

// knownSets bounds labelSets, which begins anew when full.
const knownSets = 1 << 14

// of returns the set of ls.
func (s *labelSets) of(ls []label) labels.Labels {
	if len(ls) == 0 {
		return labels.EmptyLabels()
	}
	s.key = appendKey(s.key[:0], ls)
	set, ok := s.known[string(s.key)]
	if !ok {
		if s.known == nil || len(s.known) >= knownSets {
			s.known = map[string]labels.Labels{}
		}
		set = toLabels(ls)
		s.known[string(s.key)] = set
	}
	return set
}

// entry returns l, whose labels are final, as a result shows it.
func (s *labelSets) entry(l *line, final []label) Entry {
	return Entry{Time: l.time, Line: l.text, Metadata: s.only(final, fromMetadata), Parsed: s.only(final, fromParser)}
}

// only returns the labels of one origin.
func (s *labelSets) only(ls []label, from origin) labels.Labels {
	s.part = s.part[:0]
	for _, lb := range ls {
		if lb.from == from {
			s.part = append(s.part, lb)
		}
	}
	return s.of(s.part)
}

// appendKey appends bytes that are equal exactly for equal labels.
func appendKey(b []byte, ls []label) []byte {
	for _, lb := range ls {
		b = append(b, lb.name...)
		b = append(b, 0xff)
		b = append(b, lb.value...)
		b = append(b, 0xfe)
	}
	return b
}

// toLabels copies sorted labels.
func toLabels(ls []label) labels.Labels {
	b := labels.NewScratchBuilder(len(ls))
	for _, lb := range ls {
		b.Add(lb.name, lb.value)
	}
	return b.Labels()
}
