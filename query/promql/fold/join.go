package fold

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/schema"
)

// A join is an operator between series and those that match them. Each of many
// series meets one at a step.
type join struct {
	operator
	many, one node
	swapped   bool // the one is on the left of the operator
	oneToOne  bool // there is one of many, too
	on        bool
	matching  []string // sorted; with the metric name, if not on
	ignored   []string // without it
	include   []string // labels of the one for what comes out
}

func (*join) distinct() bool { return true } // as those of the many are

// A partner is a series of the one side.
type partner struct {
	labels labels.Labels
	values []float64
}

// A pair is the labels of two series that match.
type pair struct{ many, one labels.Labels }

// joining is the state of a join.
type joining struct {
	*join
	ev       *evaluation
	partners map[string][]partner // by what they match
	key      []byte
	met      map[string]bool // what single series on the side of many have matched
	past     []pair          // what has matched
	hashes   map[uint64]bool // of the labels of what came out, once they could be the same
	out      series
}

func (j *join) each(ev *evaluation, yield func(*series) error) error {
	g := &joining{join: j, ev: ev, partners: map[string][]partner{}, met: map[string]bool{}, out: series{values: ev.empty()}}
	if err := j.one.each(ev, g.addPartner); err != nil {
		return err
	}
	err := j.many.each(ev, func(s *series) error { return g.meet(s, yield) })
	for _, same := range g.partners {
		ev.release(len(same) * ev.steps)
	}
	return err
}

// addPartner keeps a series of the one side. Where there are two at the same step
// the engine has an error to tell of.
func (g *joining) addPartner(s *series) error {
	if err := g.ev.hold(g.ev.steps); err != nil {
		return err
	}
	p := partner{s.whole(g.ev.builder), slices.Clone(s.values)}
	key := string(g.keyOf(&s.view))
	for _, other := range g.partners[key] {
		for i, v := range p.values {
			if !isAbsent(v) && !isAbsent(other.values[i]) {
				return errUnfit
			}
		}
	}
	g.partners[key] = append(g.partners[key], p)
	return nil
}

// keyOf tells what a series matches.
func (g *joining) keyOf(v *view) []byte {
	g.key = g.key[:0]
	if g.on {
		for _, name := range g.matching {
			g.key = append(append(g.key, v.get(name)...), 0xff)
		}
		return g.key
	}
	whole := v.whole(g.ev.builder)
	g.key = whole.BytesWithoutLabels(g.key, g.matching...)
	return g.key
}

// meet joins a series of the many with its partners. Those that give it the same
// labels make one series of it.
func (g *joining) meet(s *series, yield func(*series) error) error {
	partners := g.partners[string(g.keyOf(&s.view))]
	if len(partners) == 0 {
		return nil
	}
	if g.oneToOne {
		if g.met[string(g.key)] {
			return errUnfit // perhaps at different steps, perhaps an error
		}
		g.met[string(g.key)] = true
	}
	if len(s.include) > 0 || s.keep != nil || len(s.remove) > 0 {
		s.view = view{base: s.whole(g.ev.builder)} // of a join below
	}
	for i, p := range partners {
		if slices.ContainsFunc(partners[:i], func(before partner) bool { return g.alike(p, before) }) {
			continue
		}
		g.out.view = g.result(s.view, p.labels)
		if err := g.checkDistinct(s.view, p.labels); err != nil {
			return err
		}
		clearValues(g.out.values)
		some := false
		for _, q := range partners[i:] {
			if g.alike(p, q) {
				some = g.operate(s.values, q.values) || some
			}
		}
		if some {
			if err := yield(&g.out); err != nil {
				return err
			}
		}
	}
	return nil
}

// alike says that two partners of a series give it the same labels.
func (g *joining) alike(a, b partner) bool {
	for _, name := range g.include {
		if a.labels.Get(name) != b.labels.Get(name) {
			return false
		}
	}
	return true
}

func (g *joining) operate(many, one []float64) (some bool) {
	for i, m := range many {
		o := one[i]
		if isAbsent(m) || isAbsent(o) {
			continue
		}
		l, r := m, o
		if g.swapped {
			l, r = o, m
		}
		g.out.values[i] = g.apply(l, r, l)
		some = some || !isAbsent(g.out.values[i])
	}
	return some
}

// result is the labels of what comes of two series.
func (g *joining) result(many view, one labels.Labels) view {
	v := many
	v.nameless = v.nameless || g.nameless
	switch {
	case g.oneToOne && g.on:
		v.keep = g.matching
	case g.oneToOne:
		v.remove = g.ignored
	default:
		v.right, v.include = one, g.include
	}
	return v
}

// checkDistinct makes sure that no two results have the same labels. They have
// not if the many have not, and none of these has a label that is overwritten.
func (g *joining) checkDistinct(many view, one labels.Labels) error {
	if len(g.include) == 0 {
		return nil // the labels of the many are in the result, or the only ones that match
	}
	hash := func(many view, one labels.Labels) uint64 {
		v := g.result(many, one)
		return v.whole(g.ev.builder).Hash()
	}
	if g.hashes == nil {
		if !slices.ContainsFunc(g.include, many.base.Has) {
			g.past = append(g.past, pair{many.base, one})
			return nil
		}
		g.hashes = map[uint64]bool{}
		for _, p := range g.past {
			g.hashes[hash(view{base: p.many, nameless: many.nameless}, p.one)] = true
		}
		g.past = nil
	}
	h := hash(many, one)
	if g.hashes[h] {
		return errUnfit
	}
	g.hashes[h] = true
	return nil
}

// joinOf describes how the sides of e meet, false if that is not how join does it.
func joinOf(e *parser.BinaryExpr) (j *join, ok bool) {
	m := e.VectorMatching
	op, ok := operatorOf(e)
	if !ok || m == nil || m.Card == parser.CardManyToMany || m.FillValues.LHS != nil || m.FillValues.RHS != nil {
		return nil, false
	}
	if slices.ContainsFunc(m.Include, schema.IsMetadataLabel) {
		return nil, false
	}
	j = &join{
		operator: op, swapped: m.Card == parser.CardOneToMany, oneToOne: m.Card == parser.CardOneToOne,
		on: m.On, include: m.Include, matching: slices.Clone(m.MatchingLabels), ignored: m.MatchingLabels,
	}
	if !m.On {
		j.matching = append(j.matching, model.MetricNameLabel)
	}
	slices.Sort(j.matching)
	return j, true
}
