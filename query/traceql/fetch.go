package traceql

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// traceReach is how far apart the spans of one trace may begin for a search to
// see them as one, and how long before a search's range a trace that reaches
// into it may have begun.
const traceReach = 30 * time.Minute

// How many traces are fetched whole at once: few at first, since a search is
// often content with the newest; then more, since each fetch reads again what
// lies within traceReach; at most about as many as have fetchedSpans.
const (
	firstFetch   = 32
	fetchGrowth  = 8
	minFetch     = 2048
	fetchedSpans = 300_000
)

// A Find asks for whole traces.
type Find struct {
	Where   storage.Predicate   // which at least one span satisfies; nil for every trace
	Range   model.Range         // the trace overlaps it; required
	Within  bool                // the span that satisfies Where begins in Range itself
	Project *storage.Projection // what to decode of the spans; Tree must be set, or Span; nil for all
	Stats   *storage.Stats      // added to, if not nil
	Likely  int                 // how many traces are likely enough; 0 if not known

	also []storage.Predicate // each of which at least one span satisfies, too
	flat bool                // nobody asks for parents and children
}

// Find yields whole traces, those with the newest matching spans first. The
// sequence is single-use; an error is yielded once, with a nil trace, and ends
// it. Breaking off the loop ends the scans.
func (e *Engine) Find(ctx context.Context, f Find) iter.Seq2[*Trace, error] {
	e = e.in(ctx)
	return func(yield func(*Trace, error) bool) {
		if f.Stats == nil {
			f.Stats = &storage.Stats{}
		}
		if f.Project != nil {
			f.Project = withStart(f.Project)
		}
		r := f.Range
		if !f.Within {
			r = widen(r, traceReach)
		}
		t := &fetcher{e: e, f: f, scanned: r, seen: map[model.TraceID]struct{}{}, size: firstFetch}
		if f.Likely > 0 {
			t.size = min(firstFetch, f.Likely)
		}
		scan := storage.Scan{
			Signal: model.Spans, Range: r, Where: f.Where, Reverse: true,
			Project: &storage.Projection{TraceID: true}, Stats: f.Stats,
		}
		for b, err := range e.src.Scan(ctx, scan) {
			if err == nil {
				err = e.checkRows(f.Stats)
			}
			if err != nil {
				yield(nil, fmt.Errorf("find traces: %w", err))
				return
			}
			for i := range b.Len() {
				t.add(b.Spans.TraceID[i], b.Time[i])
				if len(t.wanted) == t.size && !t.flush(ctx, yield) {
					return
				}
			}
		}
		t.flush(ctx, yield)
	}
}

func (e *Engine) checkRows(s *storage.Stats) error {
	e.limits.Used(query.Usage{Rows: s.RowsScanned})
	if most := e.limits.MaxRows; most > 0 && s.RowsScanned > most {
		return fmt.Errorf("query scans more than %d spans; narrow it or raise query.max_rows: %w", most, fault.ErrLimit)
	}
	return nil
}

// widen extends a range by d on both sides, without overflow.
func widen(r model.Range, d time.Duration) model.Range {
	if r.Start > math.MinInt64+int64(d) {
		r.Start -= int64(d)
	}
	if r.End < math.MaxInt64-int64(d) {
		r.End += int64(d)
	}
	return r
}

// A fetcher turns candidates into whole traces.
type fetcher struct {
	e       *Engine
	f       Find
	scanned model.Range // for candidates
	seen    map[model.TraceID]struct{}
	size    int
	fetched int             // traces, and
	spans   int             // spans of these
	wanted  []model.TraceID // in order of the candidates
	spread  model.Range     // of the candidates' times

	others []map[model.TraceID]struct{} // the traces with spans for each of also
}

func (t *fetcher) add(id model.TraceID, at int64) {
	if _, ok := t.seen[id]; ok {
		return
	}
	t.seen[id] = struct{}{}
	if len(t.wanted) == 0 {
		t.spread = model.Range{Start: at, End: at + 1}
	}
	t.spread.Start, t.spread.End = min(t.spread.Start, at), max(t.spread.End, at+1)
	t.wanted = append(t.wanted, id)
}

// flush yields the wanted traces and reports whether to go on.
func (t *fetcher) flush(ctx context.Context, yield func(*Trace, error) bool) bool {
	if len(t.wanted) == 0 {
		return true
	}
	if err := t.winnow(ctx); err != nil {
		yield(nil, err)
		return false
	}
	if len(t.wanted) == 0 {
		return true
	}
	a := &assembler{flat: t.f.flat}
	traces, err := t.e.fetch(ctx, a, t.wanted, widen(t.spread, traceReach), t.f.Project, t.f.Stats)
	if err != nil {
		yield(nil, err)
		return false
	}
	t.fetched += len(t.wanted)
	for _, tr := range traces {
		t.spans += len(tr.Spans)
		if t.f.Range.Overlaps(tr.Start, tr.End) && !yield(tr, nil) {
			return false
		}
	}
	t.wanted = t.wanted[:0]
	t.size = min(fetchGrowth*t.size, max(minFetch, fetchedSpans*t.fetched/max(1, t.spans)))
	return true
}

// winnow drops wanted traces without a span for each of also, once so many are
// asked for that it is worth to look for these first.
func (t *fetcher) winnow(ctx context.Context) error {
	if len(t.f.also) == 0 || len(t.wanted) <= firstFetch {
		return nil
	}
	if t.others == nil {
		for _, where := range t.f.also {
			ids, err := t.tracesWith(ctx, where)
			if err != nil {
				return err
			}
			t.others = append(t.others, ids)
		}
	}
	t.wanted = slices.DeleteFunc(t.wanted, func(id model.TraceID) bool {
		return slices.ContainsFunc(t.others, func(ids map[model.TraceID]struct{}) bool {
			_, ok := ids[id]
			return !ok
		})
	})
	return nil
}

func (t *fetcher) tracesWith(ctx context.Context, where storage.Predicate) (map[model.TraceID]struct{}, error) {
	ids := map[model.TraceID]struct{}{}
	scan := storage.Scan{
		Signal: model.Spans, Range: widen(t.scanned, traceReach), Where: where,
		Project: &storage.Projection{TraceID: true}, Stats: t.f.Stats,
	}
	for b, err := range t.e.src.Scan(ctx, scan) {
		if err == nil {
			err = t.e.checkRows(t.f.Stats)
		}
		if err != nil {
			return nil, fmt.Errorf("find traces: %w", err)
		}
		for _, id := range b.Spans.TraceID {
			ids[id] = struct{}{}
		}
	}
	return ids, nil
}

// fetch returns the traces of ids that have spans in r, in the order of ids.
func (e *Engine) fetch(ctx context.Context, a *assembler, ids []model.TraceID, r model.Range, project *storage.Projection, stats *storage.Stats) ([]*Trace, error) {
	where := make(storage.Or, len(ids))
	for i, id := range ids {
		where[i] = storage.Compare{Field: storage.Field{Place: storage.TraceID}, Op: storage.Eq, Value: model.String(id.String())}
	}
	a.begin(ids)
	scan := storage.Scan{Signal: model.Spans, Range: r, Where: where, Project: project, Stats: stats}
	for b, err := range e.src.Scan(ctx, scan) {
		if err == nil {
			err = e.checkRows(stats)
		}
		if err != nil {
			return nil, fmt.Errorf("fetch %d traces: %w", len(ids), err)
		}
		a.add(spansOf(b))
	}
	return a.traces(), nil
}
