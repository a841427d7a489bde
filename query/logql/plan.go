package logql

import (
	"context"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// A plan is a log pipeline divided between the store and the engine.
type plan struct {
	where   storage.Predicate
	project storage.Projection
	stages  []processor // what the store has not done, or may not have done
	exact   bool        // no stage drops a row that where keeps
	pushed  []pushed
}

// pushed is a stage and the rows that are left for it, as far as the store
// can tell.
type pushed struct {
	stage Stage
	where storage.Predicate // nil: nothing is known
	exact bool              // the stage drops no others
}

// planner makes the plan of one pipeline.
type planner struct {
	within model.Range
	names  *catalogue
	expr   *LogExpr
}

// newPlanner returns a planner whose plan is written into notes, if they are not
// nil.
func newPlanner(src query.EventSource, within model.Range, e *LogExpr, notes *Plan) *planner {
	return &planner{
		within: within, expr: e,
		names: &catalogue{src: src, within: within, selector: SelectorPredicate(e.Matchers), shown: notes != nil},
	}
}

// need is what an aggregation wants of the lines; the zero need is all of it.
type need struct {
	labelsKnown bool
	labels      []string // if labelsKnown, the only labels looked at
	noText      bool     // the text of the line is not looked at
}

func (pl *planner) plan(ctx context.Context, n need) (*plan, error) {
	p := &plan{exact: true}
	p.project.Body = !n.noText
	p.project.EveryAttr = !n.labelsKnown
	names := slices.Clone(n.labels)
	hints := wantedLabels(pl.expr.Stages, n)
	pv := newProvenance(pl.names)
	for _, s := range pl.expr.Stages {
		push, err := pl.push(ctx, pv, s)
		if err != nil {
			return nil, err
		}
		p.pushed = append(p.pushed, push)
		if _, line := s.(*LineFilter); line && push.exact {
			continue
		}
		p.exact = p.exact && (push.exact || !drops(s))
		proc, err := s.compile()
		if err != nil {
			return nil, err
		}
		if w, ok := proc.(wanting); ok {
			w.want(hints)
		}
		p.stages = append(p.stages, proc)
		names = p.demand(s, names)
	}
	p.where = pl.where(p.pushed)
	return p, pl.projectAttrs(ctx, &p.project, names)
}

// push translates a stage and notes what it does to lines.
func (pl *planner) push(ctx context.Context, pv *provenance, s Stage) (pushed, error) {
	out := pushed{stage: s}
	var err error
	switch s := s.(type) {
	case *LineFilter:
		if pv.text {
			out.where, out.exact = linePredicate(s)
		}
	case *LabelFilterStage:
		out.where, out.exact, err = pv.filter(ctx, s.Filter)
	}
	pv.pass(s)
	return out, err
}

// drops reports whether a stage may drop lines.
func drops(s Stage) bool {
	switch s.(type) {
	case *LineFilter, *LabelFilterStage:
		return true
	}
	return false
}

// where joins the selector and what has been pushed.
func (pl *planner) where(list []pushed) storage.Predicate {
	and := storage.And{}
	if pl.names.selector != nil {
		and = append(and, pl.names.selector)
	}
	for _, x := range list {
		if all, ok := x.where.(storage.And); x.where == nil || ok && len(all) == 0 {
			continue
		}
		and = append(and, x.where)
	}
	if len(and) == 0 {
		return nil
	}
	return and
}

// demand adds what the engine's part of a stage looks at to the columns, and
// to the names of labels.
func (p *plan) demand(s Stage, names []string) []string {
	switch s := s.(type) {
	case *LabelFilterStage:
		return appendFilterLabels(names, s.Filter)
	case *LineFormat, *LabelFormat:
		p.project.Body, p.project.EveryAttr = true, true
	case *Drop:
		return appendRefs(names, s.Labels)
	case *Keep:
		return appendRefs(names, s.Labels)
	default: // parsers, filters of lines, Decolorize
		p.project.Body = true
	}
	return names
}

// projectAttrs adds the attributes that labels of these names come from.
func (pl *planner) projectAttrs(ctx context.Context, p *storage.Projection, names []string) error {
	if p.EveryAttr {
		return nil
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		keys, err := pl.names.attrKeys(ctx, name)
		if err != nil {
			return err
		}
		p.Attrs = append(p.Attrs, keys...)
	}
	slices.Sort(p.Attrs)
	p.Attrs = slices.Compact(p.Attrs)
	return nil
}

func appendRefs(names []string, refs []LabelRef) []string {
	for _, r := range refs {
		names = append(names, r.Name)
	}
	return names
}

func appendFilterLabels(names []string, f LabelFilter) []string {
	switch f := f.(type) {
	case *AndFilter:
		return appendFilterLabels(appendFilterLabels(names, f.Left), f.Right)
	case *OrFilter:
		return appendFilterLabels(appendFilterLabels(names, f.Left), f.Right)
	case *MatchFilter:
		return append(names, f.Matcher.Name)
	case *NumberFilter:
		return append(names, f.Label)
	case *DurationFilter:
		return append(names, f.Label)
	case *BytesFilter:
		return append(names, f.Label)
	case *IPFilter:
		return append(names, f.Label)
	}
	return names
}
