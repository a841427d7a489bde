package logql

import (
	"context"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Plan says how a query was evaluated: what the store did, and what was left
// to the engine.
type Plan struct {
	Query     string          `json:"query"`     // in canonical form
	Selectors []*SelectorPlan `json:"selectors"` // in order of evaluation
	Stats     storage.Stats   `json:"-"`
}

// A SelectorPlan is about one selector with its pipeline. Either rows are read
// or the store aggregates, so one of Read and Aggregate is set.
type SelectorPlan struct {
	Expr   string      `json:"expr"`  // the log query or range aggregation
	Start  int64       `json:"start"` // ns since the Unix epoch
	End    int64       `json:"end"`   // exclusive
	Where  string      `json:"where"` // the rows that the store keeps
	Stages []StagePlan `json:"stages,omitempty"`

	Read      *ReadPlan      `json:"read,omitempty"`
	Aggregate *AggregatePlan `json:"aggregate,omitempty"`
}

// A StagePlan is about one stage of a pipeline.
type StagePlan struct {
	Stage string `json:"stage"`
	Where string `json:"where,omitempty"` // what the store is told of it
	Exact bool   `json:"exact"`           // the store does all that the stage drops
}

// A ReadPlan is about rows that are read.
type ReadPlan struct {
	Why     string   `json:"why,omitempty"` // of an aggregation that the store does not do
	Columns []string `json:"columns"`       // beyond time and stream
	Limit   int      `json:"limit,omitempty"`
	Reverse bool     `json:"reverse"` // newest first
}

// An AggregatePlan is about groups of rows that are counted by the store.
type AggregatePlan struct {
	By       []string      `json:"by"`
	ByStream bool          `json:"byStream"`
	Of       string        `json:"of,omitempty"` // the field whose values are added up
	Bytes    bool          `json:"bytes"`
	Step     time.Duration `json:"step"` // ns; 0 counts all times together
	Groups   int           `json:"groups"`
}

// Explain evaluates e over a range of time, as Range does, and returns how.
func (e *Engine) Explain(ctx context.Context, expr Expr, p Params) (*Plan, error) {
	pl := &Plan{Query: expr.String(), Selectors: []*SelectorPlan{}}
	r, err := e.evaluate(ctx, expr, p, pl)
	if err != nil {
		return nil, err
	}
	pl.Stats = r.Stats
	return pl, nil
}

// add begins the part of the plan about a selector; a nil Plan takes no notes.
func (p *Plan) add(expr Expr, within model.Range, list []pushed, where storage.Predicate) *SelectorPlan {
	if p == nil {
		return nil
	}
	s := &SelectorPlan{Expr: expr.String(), Start: within.Start, End: within.End, Where: text(where)}
	for _, x := range list {
		s.Stages = append(s.Stages, StagePlan{x.stage.String(), text(x.where), x.exact || !drops(x.stage)})
	}
	p.Selectors = append(p.Selectors, s)
	return s
}

func (p *Plan) read(expr Expr, s *scanner, why string) {
	sp := p.add(expr, s.within, s.plan.pushed, s.plan.where)
	if sp == nil {
		return
	}
	r := &ReadPlan{Why: why, Columns: []string{}, Limit: s.limit, Reverse: s.reverse}
	if s.plan.project.Body {
		r.Columns = append(r.Columns, storage.Body.String())
	}
	if s.plan.project.EveryAttr {
		r.Columns = append(r.Columns, "every attr")
	}
	for _, k := range s.plan.project.Attrs {
		r.Columns = append(r.Columns, storage.Field{Place: storage.Attr, Key: k}.String())
	}
	sp.Read = r
}

func (p *Plan) aggregate(expr Expr, a *aggregate, groups int) {
	sp := p.add(expr, a.Range, a.pushed, a.Where)
	if sp == nil {
		return
	}
	ap := &AggregatePlan{By: []string{}, ByStream: a.ByStream, Bytes: a.Bytes, Step: time.Duration(a.Step), Groups: groups}
	for _, f := range a.By {
		ap.By = append(ap.By, f.String())
	}
	slices.Sort(ap.By)
	if a.Of != nil {
		ap.Of = a.Of.String()
	}
	sp.Aggregate = ap
}

func text(p storage.Predicate) string {
	if p == nil {
		return ""
	}
	return p.String()
}
