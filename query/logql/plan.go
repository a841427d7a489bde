package logql

import (
	"context"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// A plan is a log pipeline divided between the store and the engine.
type plan struct {
	where   storage.Predicate
	project storage.Projection
	stages  []processor // what the store has not done yet
}

// planner makes the plan of one pipeline.
type planner struct {
	src    query.EventSource
	within model.Range

	keys     []string // of attributes, once asked for
	keysDone bool
}

// need is what an aggregation wants of the lines; the zero need is all of it.
type need struct {
	labelsKnown bool
	labels      []string // if labelsKnown, the only labels looked at
	noText      bool     // the text of the line is not looked at
}

func (pl *planner) plan(ctx context.Context, e *LogExpr, n need) (*plan, error) {
	p := &plan{}
	where := storage.And{}
	if sel := SelectorPredicate(e.Matchers); sel != nil {
		where = append(where, sel)
	}
	p.project.Body = !n.noText
	p.project.EveryAttr = !n.labelsKnown
	names := slices.Clone(n.labels)
	textAsStored, labelsAsStored := true, true
	hints := wantedLabels(e.Stages, n)
	for _, s := range e.Stages {
		switch s := s.(type) {
		case *LineFilter:
			if textAsStored {
				pred, exact := linePredicate(s)
				if pred != nil {
					where = append(where, pred)
				}
				if exact {
					continue
				}
			}
			p.project.Body = true
		case *LabelFilterStage:
			names = appendFilterLabels(names, s.Filter)
			if labelsAsStored {
				pred, err := pl.labelPredicate(ctx, s.Filter)
				if err != nil {
					return nil, err
				}
				if pred != nil {
					where = append(where, pred)
				}
			}
		case *LineFormat:
			textAsStored, p.project.Body, p.project.EveryAttr = false, true, true
		case *LabelFormat:
			labelsAsStored, p.project.Body, p.project.EveryAttr = false, true, true
		case *Unpack, *Decolorize:
			textAsStored, labelsAsStored, p.project.Body = false, false, true
		case *Drop:
			labelsAsStored = false
			names = appendRefs(names, s.Labels)
		case *Keep:
			labelsAsStored = false
			names = appendRefs(names, s.Labels)
		default: // parsers
			labelsAsStored, p.project.Body = false, true
		}
		proc, err := s.compile()
		if err != nil {
			return nil, err
		}
		if w, ok := proc.(wanting); ok {
			w.want(hints)
		}
		p.stages = append(p.stages, proc)
	}
	if len(where) > 0 {
		p.where = where
	}
	if p.project.EveryAttr {
		return p, nil
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		keys, err := pl.attrKeys(ctx, name)
		if err != nil {
			return nil, err
		}
		p.project.Attrs = append(p.project.Attrs, keys...)
	}
	slices.Sort(p.project.Attrs)
	p.project.Attrs = slices.Compact(p.project.Attrs)
	return p, nil
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

// attrKeys returns the attribute keys whose label may be called name, or may
// decide whether a label is called so.
func (pl *planner) attrKeys(ctx context.Context, name string) ([]string, error) {
	if !strings.Contains(name, "_") {
		return []string{name}, nil // no other key is written so
	}
	if !pl.keysDone {
		keys, err := pl.src.Keys(ctx, storage.KeysRequest{Signal: model.Logs, Range: pl.within, Place: storage.Attr})
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			pl.keys = append(pl.keys, k.Name)
		}
		pl.keysDone = true
	}
	base := strings.TrimSuffix(name, extractedSuffix)
	var out []string
	for _, k := range pl.keys {
		if label := linefield.Label(k); label == name || label == base {
			out = append(out, k)
		}
	}
	return out, nil
}
