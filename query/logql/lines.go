package logql

import (
	"context"
	"iter"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Line is one line of an answer with all its labels.
type Line struct {
	Labels labels.Labels // after the pipeline; a value may be empty
	Entry
}

// Stream returns the labels of l that are its stream's.
func (l Line) Stream() labels.Labels {
	if l.Metadata.Len() == 0 && l.Parsed.Len() == 0 {
		return l.Labels
	}
	b := labels.NewScratchBuilder(l.Labels.Len())
	l.Labels.Range(func(lb labels.Label) {
		if !l.Metadata.Has(lb.Name) && !l.Parsed.Has(lb.Name) {
			b.Add(lb.Name, lb.Value)
		}
	})
	return b.Labels()
}

// Lines yields the lines that expr selects, one after the other as they are
// read: what Range answers at once, without holding it in memory. Of equal
// times, lines come in the order in which they were stored, or the reverse of
// it unless p.Forward. A failure is yielded once, at the end.
func (e *Engine) Lines(ctx context.Context, expr *LogExpr, p Params) iter.Seq2[Line, error] {
	e = e.in(ctx)
	return func(yield func(Line, error) bool) {
		var sets labelSets
		more := true
		_, err := e.run(ctx, func(ctx context.Context, r *Result) error {
			return e.lines(ctx, expr, p, &r.Stats, nil, func(l *line) bool {
				final := l.final()
				more = yield(Line{sets.of(final), sets.entry(l, final)}, nil)
				return more
			})
		})
		if err != nil && more {
			yield(Line{}, err)
		}
	}
}

// A Follower takes records that have not been looked up in a store, such as
// those that just came in, through a query. It is not safe for concurrent use.
type Follower struct {
	selector storage.Predicate // nil selects every stream
	scanner  scanner
	sets     labelSets
}

// NewFollower returns a Follower of expr.
func NewFollower(expr *LogExpr) (*Follower, error) {
	f := &Follower{selector: SelectorPredicate(expr.Matchers)}
	p := &plan{}
	for _, s := range expr.Stages {
		proc, err := s.compile()
		if err != nil {
			return nil, err
		}
		p.stages = append(p.stages, proc)
	}
	f.scanner = scanner{plan: p, streams: map[*model.Stream]*scanned{}}
	return f, nil
}

// Selects reports whether the query's selector matches st. Other than the
// methods of f it may be called at any time.
func (f *Follower) Selects(st *model.Stream) bool {
	if f.selector == nil {
		return true
	}
	return storage.NewMatcher(f.selector).Keep(&model.Batch{
		Signal: model.Logs, Streams: []*model.Stream{st}, StreamOf: []uint32{0}, Time: []int64{0}, Body: []string{""},
	}, 0)
}

// Lines calls yield with the lines of some rows of b, nil being all, that the
// query keeps, in the order of b, until it returns false. The rows are
// ascending, and of streams that f selects.
func (f *Follower) Lines(ctx context.Context, b *model.Batch, rows []uint32, yield func(Line) bool) error {
	clear(f.scanner.streams) // the next batch has streams of its own
	f.scanner.rows = rows
	_, err := f.scanner.batch(ctx, b, func(l *line, _ *scanned) (bool, error) {
		final := l.final()
		return yield(Line{f.sets.of(final), f.sets.entry(l, final)}), nil
	})
	return err
}
