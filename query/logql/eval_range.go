package logql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
)

// A rangeScan makes the series of a range aggregation in one pass over the
// lines, oldest first.
type rangeScan struct {
	ev      *evaluator
	agg     *RangeAgg
	group   *Grouping // nil: all labels
	windows map[string]*window
	key     []byte
	kept    []label
}

// rangeAgg evaluates a range aggregation. outer is the grouping of an
// aggregation around it that may be done at once, see pushGrouping.
func (ev *evaluator) rangeAgg(ctx context.Context, a *RangeAgg, outer *Grouping) (matrix, error) {
	rs := &rangeScan{ev: ev, agg: a, windows: map[string]*window{}}
	rs.group = a.Grouping
	if rs.group == nil && outer != nil {
		rs.group = withoutUnwrapped(outer, a.Log.Unwrap)
	}
	if a.Op == OpAbsentOver {
		rs.group = &Grouping{}
	}
	var m matrix
	if a.Log.Range > 0 {
		var err error
		if m, err = rs.evaluate(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(m, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	if a.Op == OpAbsentOver {
		return ev.absent(a, m), nil
	}
	return m, nil
}

// evaluate has the store do the aggregation, or reads the rows if it cannot.
func (rs *rangeScan) evaluate(ctx context.Context) (matrix, error) {
	a := rs.agg
	// The windows are (t-range, t], of whole nanoseconds.
	last := rs.ev.start + int64(rs.ev.steps-1)*rs.ev.step
	within := model.Range{
		Start: rs.ev.start - int64(a.Log.Offset) - int64(a.Log.Range) + 1,
		End:   last - int64(a.Log.Offset) + 1,
	}
	pl := newPlanner(rs.ev.engine.src, within, a.Log.Log, rs.ev.plan)
	m, err := rs.aggregated(ctx, pl)
	var why scanReason
	if !errors.As(err, &why) {
		return m, err
	}
	if err := rs.scan(ctx, pl, why); err != nil {
		return nil, err
	}
	m = make(matrix, 0, len(rs.windows))
	for _, w := range rs.windows {
		w.finish()
		if len(w.points) > 0 {
			m = append(m, &w.series)
		}
	}
	return m, nil
}

func (rs *rangeScan) scan(ctx context.Context, pl *planner, why scanReason) error {
	ev, a := rs.ev, rs.agg
	plan, err := pl.plan(ctx, rs.need())
	if err != nil {
		return err
	}
	s := &scanner{engine: ev.engine, plan: plan, within: pl.within, stats: ev.stats}
	s.byStream = len(plan.stages) == 0 && a.Log.Unwrap == nil
	ev.plan.read(a, s, string(why))
	return s.run(ctx, func(l *line, st *scanned) (bool, error) {
		at := l.time + int64(a.Log.Offset)
		if !rs.inWindow(at) {
			return true, nil
		}
		v := 1.0
		if u := a.Log.Unwrap; u != nil {
			var ok bool
			if v, ok = u.sample(l); !ok {
				return true, nil
			}
		} else if a.Op == OpBytes || a.Op == OpBytesRate {
			v = float64(len(l.text))
		}
		if l.err != "" {
			return false, pipelineError(l)
		}
		if s.plain && st.group != nil {
			st.group.add(at, v)
			return true, nil
		}
		w, err := rs.window(l)
		if err != nil {
			return false, err
		}
		if s.plain {
			st.group = w
		}
		w.add(at, v)
		return true, nil
	})
}

// need says which labels the aggregation looks at.
func (rs *rangeScan) need() need {
	a := rs.agg
	n := need{noText: a.Op != OpBytes && a.Op != OpBytesRate}
	if rs.group != nil && !rs.group.Without {
		n.labelsKnown, n.labels = true, slices.Clone(rs.group.Labels)
		if u := a.Log.Unwrap; u != nil {
			n.labels = append(n.labels, u.Label)
			for _, f := range u.Filters {
				n.labels = appendFilterLabels(n.labels, f)
			}
		}
	}
	return n
}

// inWindow reports whether a sample counts at some step; with steps longer
// than the range many do not.
func (rs *rangeScan) inWindow(at int64) bool {
	first, last := rs.ev.stepsOf(at, int64(rs.agg.Log.Range))
	return first <= last
}

// stepsOf returns the steps whose window of the given length holds a time.
func (ev *evaluator) stepsOf(at, length int64) (first, last int) {
	if d := at - ev.start; d > 0 {
		first = int(d / ev.step)
		if d%ev.step > 0 {
			first++
		}
	}
	d := at - ev.start + length - 1
	if d < 0 {
		return 0, -1
	}
	return first, min(int(d/ev.step), ev.steps-1)
}

// window returns the window of the series that the line belongs to.
func (rs *rangeScan) window(l *line) (*window, error) {
	rs.kept = rs.groupLabels(l)
	rs.key = appendKey(rs.key[:0], rs.kept)
	w := rs.windows[string(rs.key)]
	if w != nil {
		return w, nil
	}
	if err := rs.ev.tooMany(len(rs.windows) + 1); err != nil {
		return nil, err
	}
	w = newWindow(rs.ev, rs.agg)
	w.labels = toLabels(rs.kept)
	rs.windows[string(rs.key)] = w
	return w, nil
}

// groupLabels returns the labels of the line's series, sorted by name.
func (rs *rangeScan) groupLabels(l *line) []label {
	kept := rs.kept[:0]
	if g := rs.group; g != nil && !g.Without {
		for _, name := range g.Labels {
			if i := l.index(name); i >= 0 {
				kept = append(kept, l.labels[i])
			}
		}
	} else {
		unwrapped := ""
		if rs.agg.Log.Unwrap != nil {
			unwrapped = rs.agg.Log.Unwrap.Label
		}
		for _, lb := range l.labels {
			if lb.name != unwrapped && (g == nil || !slices.Contains(g.Labels, lb.name)) {
				kept = append(kept, lb)
			}
		}
	}
	slices.SortFunc(kept, compareLabelNames)
	return slices.CompactFunc(kept, func(a, b label) bool { return a.name == b.name })
}

// withoutUnwrapped drops from an outer grouping the label that unwrap has
// taken away.
func withoutUnwrapped(g *Grouping, u *Unwrap) *Grouping {
	if u == nil || g.Without || !slices.Contains(g.Labels, u.Label) {
		return g
	}
	out := &Grouping{}
	for _, name := range g.Labels {
		if name != u.Label {
			out.Labels = append(out.Labels, name)
		}
	}
	return out
}

// pushGrouping returns the grouping that may be done while lines are read,
// instead of after their series have been made, or nil.
func pushGrouping(a *VectorAgg) (*RangeAgg, *Grouping) {
	inner, ok := a.Inner.(*RangeAgg)
	if !ok || inner.Grouping != nil {
		return nil, nil
	}
	switch {
	case a.Op == OpSum:
		switch inner.Op {
		case OpRate, OpCount, OpBytes, OpBytesRate, OpSumOver:
		default:
			return nil, nil
		}
	case a.Op == OpMin && inner.Op == OpMinOver, a.Op == OpMax && inner.Op == OpMaxOver:
	default:
		return nil, nil
	}
	if a.Grouping == nil {
		return inner, &Grouping{}
	}
	return inner, a.Grouping
}

// absent is 1 at the steps without samples, labelled with what the selector
// demands.
func (ev *evaluator) absent(a *RangeAgg, m matrix) matrix {
	s := &series{labels: absentLabels(a.Log.Log.Matchers)}
	present := make([]bool, ev.steps)
	for _, in := range m {
		for _, p := range in.points {
			present[p.step] = true
		}
	}
	for i, has := range present {
		if !has {
			s.points = append(s.points, point{i, 1})
		}
	}
	return matrix{s}
}

func absentLabels(ms []*labels.Matcher) labels.Labels {
	times := map[string]int{}
	for _, m := range ms {
		times[m.Name]++
	}
	var out []labels.Label
	for _, m := range ms {
		if m.Type == labels.MatchEqual && m.Value != "" && times[m.Name] == 1 {
			out = append(out, labels.Label{Name: m.Name, Value: m.Value})
		}
	}
	return labels.New(out...)
}

func pipelineError(l *line) error {
	kind := l.err
	return evalErrorf("pipeline error: '%s' for series: '%s'.\n"+
		"Use a label filter to intentionally skip this error. (e.g | __error__!=\"%s\").\n"+
		"To skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"+
		"The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n",
		kind, fmt.Sprint(toLabels(l.final())), kind)
}
