package logql

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
)

// logs answers a query for lines.
func (e *Engine) logs(ctx context.Context, expr *LogExpr, p Params, r *Result, notes *Plan) error {
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
	plan, err := newPlanner(e.src, within, expr).plan(ctx, need{})
	if err != nil {
		return err
	}
	s := &scanner{engine: e, plan: plan, within: within, reverse: !p.Forward, stats: &r.Stats}
	if plan.exact && p.Interval == 0 {
		s.limit = limit
	}
	notes.read(expr, s, "")
	c := &collector{streams: map[string]*Stream{}, interval: int64(p.Interval), names: map[string]labels.Labels{}}
	taken := 0
	if err := s.run(ctx, func(l *line, _ *scanned) (bool, error) {
		if c.add(l) {
			taken++
		}
		return taken < limit, nil
	}); err != nil {
		return err
	}
	r.Kind = KindStreams
	r.Streams = c.result()
	return nil
}

// A collector groups lines by their labels.
type collector struct {
	streams  map[string]*Stream
	interval int64
	names    map[string]labels.Labels // known sets, so that entries share them
	key      []byte
	part     []label

	any  bool
	last int64 // time of the newest line taken
}

// add takes a line, unless it is too near to the one taken before it.
func (c *collector) add(l *line) bool {
	if d := l.time - c.last; c.any && d < c.interval && -d < c.interval {
		return false
	}
	c.any, c.last = true, l.time
	final := l.final()
	c.key = appendKey(c.key[:0], final)
	st := c.streams[string(c.key)]
	if st == nil {
		st = &Stream{Labels: toLabels(final)}
		c.streams[string(c.key)] = st
	}
	st.Entries = append(st.Entries, Entry{
		Time: l.time, Line: l.text, Metadata: c.only(final, fromMetadata), Parsed: c.only(final, fromParser),
	})
	return true
}

// only returns the labels of one origin.
func (c *collector) only(ls []label, from origin) labels.Labels {
	c.part = c.part[:0]
	for _, lb := range ls {
		if lb.from == from {
			c.part = append(c.part, lb)
		}
	}
	if len(c.part) == 0 {
		return labels.EmptyLabels()
	}
	c.key = appendKey(c.key[:0], c.part)
	known, ok := c.names[string(c.key)]
	if !ok {
		known = toLabels(c.part)
		c.names[string(c.key)] = known
	}
	return known
}

func (c *collector) result() []Stream {
	out := make([]Stream, 0, len(c.streams))
	for _, st := range c.streams {
		out = append(out, *st)
	}
	slices.SortFunc(out, func(a, b Stream) int { return labels.Compare(a.Labels, b.Labels) })
	return out
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
