package logql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// An aggregate is a range aggregation that a store answers with numbers of
// groups of rows, so that no row is read. The labels of a group's lines follow
// from its key: see groupLine.
type aggregate struct {
	storage.Aggregate
	pushed []pushed
	stages []groupStage // what is left to do, to the line of a group
	places []keyPlace   // of By
}

// A keyPlace is what a part of a group's key is.
type keyPlace struct {
	field storage.Field
	label string // of Stream and Attr
}

// A scanReason says why an aggregation reads rows.
type scanReason string

// Error makes it a value that planning can end with; it never leaves the
// package.
func (r scanReason) Error() string { return string(r) }

func scanBecause(format string, args ...any) error { return scanReason(fmt.Sprintf(format, args...)) }

// maxGroupAttrs bounds the attributes that make series when no grouping
// chooses among them.
const maxGroupAttrs = 16

// An aggregatePlanner makes the aggregate of one range aggregation.
type aggregatePlanner struct {
	*planner
	agg   *RangeAgg
	group *Grouping // nil: all labels
	pv    *provenance
	out   *aggregate

	names []string        // of labels that grouping and stages look at
	clean []storage.Field // of errors that no row has which the store keeps
}

// plan fails with a scanReason if the store cannot answer the aggregation.
func (ap *aggregatePlanner) plan(ctx context.Context) (*aggregate, error) {
	if err := ap.operation(); err != nil {
		return nil, err
	}
	ap.pv = newProvenance(ap.planner.names)
	ap.out = &aggregate{Aggregate: storage.Aggregate{Signal: model.Logs, Range: ap.within}}
	ap.out.Bytes = ap.agg.Op == OpBytes || ap.agg.Op == OpBytesRate
	if g := ap.group; g != nil && !g.Without {
		if slices.ContainsFunc(g.Labels, ofError) {
			return nil, scanBecause("the grouping is by what a parser may call as it calls its errors")
		}
		ap.names = slices.Clone(g.Labels)
	}
	for _, s := range ap.expr.Stages {
		if err := ap.stage(ctx, s); err != nil {
			return nil, err
		}
	}
	ap.out.Where = ap.where(ap.out.pushed)
	if u := ap.agg.Log.Unwrap; u != nil {
		if err := ap.unwrap(ctx, u); err != nil {
			return nil, err
		}
	}
	if slices.Contains(ap.names, detailsLabel) {
		return nil, scanBecause("%s is known of single lines only", detailsLabel)
	}
	if ap.group == nil || ap.group.Without {
		return ap.out, ap.everyLabel(ctx)
	}
	return ap.out, ap.namedLabels(ctx)
}

func (ap *aggregatePlanner) operation() error {
	a := ap.agg
	switch a.Op {
	case OpCount, OpBytes, OpBytesRate, OpRate, OpSumOver, OpMinOver, OpMaxOver, OpAvgOver:
		return nil
	case OpAbsentOver:
		if a.Log.Unwrap == nil {
			return nil
		}
	}
	return scanBecause("%s needs every sample", a.Op)
}

func (ap *aggregatePlanner) stage(ctx context.Context, s Stage) error {
	if lf, ok := s.(*LabelFormat); ok && slices.ContainsFunc(lf.Assignments, func(a Assignment) bool { return !a.Rename }) {
		return scanBecause("a template is executed: %v", s)
	}
	parsed := len(ap.pv.parsers)
	push, err := ap.push(ctx, ap.pv, s)
	if err != nil {
		return err
	}
	ap.out.pushed = append(ap.out.pushed, push)
	switch s := s.(type) {
	case *LineFilter:
		if !push.exact {
			return scanBecause("the filter of lines is not exact in the store: %v", s)
		}
		return nil
	case *LabelFilterStage:
		if push.exact {
			if m, ok := s.Filter.(*MatchFilter); ok && m.Matcher.Name == errorLabel && !m.Matcher.Matches(linefield.JSONError) {
				ap.clean = append(ap.clean, ap.pv.refused()...)
			}
			return nil
		}
		ap.names = appendFilterLabels(ap.names, s.Filter)
	case *Drop:
		ap.names = appendRefs(ap.names, s.Labels)
	case *Keep:
		ap.names = appendRefs(ap.names, s.Labels)
	case *LabelFormat:
		for _, a := range s.Assignments {
			ap.names = append(ap.names, a.Label, a.Value)
		}
	default:
		if len(ap.pv.parsers) == parsed {
			return scanBecause("the store has no such stage: %v", s)
		}
		ap.out.stages = append(ap.out.stages, &groupParser{parser: ap.pv.parsers[parsed]})
		return nil
	}
	proc, err := s.compile()
	if err != nil {
		return err
	}
	ap.out.stages = append(ap.out.stages, processorStage{proc})
	return nil
}

// unwrap finds the field whose values are the samples.
func (ap *aggregatePlanner) unwrap(ctx context.Context, u *Unwrap) error {
	for _, f := range u.Filters {
		ap.names = appendFilterLabels(ap.names, f)
	}
	s, err := ap.pv.of(ctx, u.Label)
	switch {
	case err != nil:
		return err
	case u.Conv != ConvNone:
		return scanBecause("values are converted by %s", u.Conv)
	case !s.known || len(s.list) != 1 || s.list[0].field.Place == storage.Stream:
		return scanBecause("label %s does not come from one field", u.Label)
	case slices.Contains(ap.names, u.Label):
		return scanBecause("label %s is looked at besides being unwrapped", u.Label)
	}
	ap.out.Of = &s.list[0].field
	return nil
}

// everyLabel groups by all that labels come from, which is possible unless a
// parser makes any number of them.
func (ap *aggregatePlanner) everyLabel(ctx context.Context) error {
	if len(ap.pv.parsers) > 0 {
		return scanBecause("every label that a parser finds makes series")
	}
	attrs, err := ap.planner.names.attrs(ctx)
	if err != nil {
		return err
	}
	if len(attrs) > maxGroupAttrs {
		return scanBecause("every one of %d attributes makes series", len(attrs))
	}
	ap.out.ByStream = true
	for _, k := range attrs {
		if f := (storage.Field{Place: storage.Attr, Key: k.Name}); ap.out.Of == nil || f != *ap.out.Of {
			ap.by(f, linefield.Label(k.Name))
		}
	}
	return nil
}

// namedLabels groups by the fields that the labels looked at come from.
func (ap *aggregatePlanner) namedLabels(ctx context.Context) error {
	names := closure(ap.names)
	for _, name := range names {
		if err := ap.label(ctx, name, slices.Contains(names, name+extractedSuffix)); err != nil {
			return err
		}
	}
	for _, f := range ap.pv.refused() {
		if !slices.Contains(ap.clean, f) {
			ap.by(f, "")
		}
	}
	// Of attributes with one label the last by key counts.
	slices.SortStableFunc(ap.out.places, func(a, b keyPlace) int {
		if a.field.Place != storage.Attr || b.field.Place != storage.Attr {
			return cmp.Compare(a.field.Place, b.field.Place)
		}
		return cmp.Compare(a.field.Key, b.field.Key)
	})
	for i, p := range ap.out.places {
		ap.out.By[i] = p.field
	}
	for _, s := range ap.out.stages {
		if p, ok := s.(*groupParser); ok {
			p.labels = names
		}
	}
	return nil
}

// label groups by the sources of one label. If it is taken by the stream,
// others matter only as the name they are moved to.
func (ap *aggregatePlanner) label(ctx context.Context, name string, moved bool) error {
	if ofError(name) {
		return nil
	}
	in, err := ap.planner.names.presence(ctx, name)
	if err != nil {
		return err
	}
	if in.some {
		ap.by(storage.Field{Place: storage.Stream, Key: name}, name)
	}
	if in.every && !moved {
		return nil
	}
	attrs, err := ap.planner.names.attrsOf(ctx, name)
	if err != nil {
		return err
	}
	for _, k := range attrs {
		ap.by(storage.Field{Place: storage.Attr, Key: k.Name}, name)
	}
	for _, p := range ap.pv.parsers {
		for _, f := range p.fields(name) {
			ap.by(f, name)
		}
	}
	return nil
}

// by adds a field to the key of groups.
func (ap *aggregatePlanner) by(f storage.Field, label string) {
	if !slices.Contains(ap.out.By, f) {
		ap.out.By = append(ap.out.By, f)
		ap.out.places = append(ap.out.places, keyPlace{f, label})
	}
}

// closure adds to the names of labels those that they are called by if nothing
// has taken that; sorted.
func closure(names []string) []string {
	out := slices.Clone(names)
	for _, name := range names {
		for base, ok := strings.CutSuffix(name, extractedSuffix); ok && base != ""; base, ok = strings.CutSuffix(base, extractedSuffix) {
			out = append(out, base)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
