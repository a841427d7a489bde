// Package storagetest has a plain in-memory event store and the conformance
// suite that every event store must pass.
package storagetest

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Memory is an event store that keeps every batch as it came and scans all of
// them. It is the reference for what a scan means, and the store of tests
// above storage. The zero Memory is empty and ready to use.
type Memory struct {
	mu      sync.RWMutex
	batches []*model.Batch
}

// Append implements ingest.EventWriter.
func (m *Memory) Append(ctx context.Context, b *model.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.Check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = append(m.batches, b)
	return nil
}

// Delete removes the rows that r selects, or counts them.
func (m *Memory) Delete(_ context.Context, r storage.DeleteRequest) (storage.DeleteResult, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var res storage.DeleteResult
	var left []*model.Batch
	for _, b := range m.batches {
		match := storage.NewMatcher(r.Where)
		var keep []rowRef
		for i := range b.Len() {
			if b.Signal == r.Signal && r.Range.Contains(b.Time[i]) && match.Keep(b, i) {
				res.Rows++
			} else {
				keep = append(keep, rowRef{b, i})
			}
		}
		switch {
		case len(keep) == b.Len():
			left = append(left, b)
		case len(keep) > 0:
			left = append(left, project(b.Signal, keep, nil))
		}
	}
	if !r.DryRun {
		m.batches = left
	}
	return res, nil
}

type rowRef struct {
	b *model.Batch
	i int
}

// rows returns the matching rows in append order.
func (m *Memory) rows(sig model.Signal, r model.Range, where storage.Predicate) []rowRef {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []rowRef
	for _, b := range m.batches {
		if b.Signal != sig {
			continue
		}
		keep := storage.NewMatcher(where)
		for i := range b.Len() {
			if r.Contains(b.Time[i]) && keep.Keep(b, i) {
				out = append(out, rowRef{b, i})
			}
		}
	}
	return out
}

// scanBatch is small so that tests see several batches.
const scanBatch = 128

// Scan implements query.EventSource.
func (m *Memory) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		rows := m.rows(s.Signal, s.Range, s.Where)
		slices.SortStableFunc(rows, func(a, b rowRef) int { return cmp.Compare(a.b.Time[a.i], b.b.Time[b.i]) })
		if s.Reverse {
			slices.Reverse(rows)
		}
		if s.Limit > 0 && len(rows) > s.Limit {
			rows = rows[:s.Limit]
		}
		for part := range slices.Chunk(rows, scanBatch) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if s.Stats != nil {
				s.Stats.RowsScanned += int64(len(part))
				s.Stats.RowsYielded += int64(len(part))
			}
			if !yield(project(s.Signal, part, s.Project), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func project(sig model.Signal, rows []rowRef, p *storage.Projection) *model.Batch {
	bd := model.NewBuilder(sig, len(rows))
	for _, r := range rows {
		st := bd.Stream(r.b.Stream(r.i))
		if sig == model.Spans {
			bd.Span(st, r.b.SpanAt(r.i))
		} else {
			bd.Row(st, r.b.Time[r.i], r.b.Body[r.i])
		}
		for _, c := range r.b.Attrs {
			if p.WantsAttr(c.Key) {
				bd.Attr(c.Key, c.At(r.i))
			}
		}
	}
	b := bd.Batch()
	if p == nil {
		return b
	}
	if !p.Body {
		b.Body = nil
	}
	if b.Spans != nil {
		if !p.Span {
			all := b.Spans
			b.Spans = &model.SpanColumns{Events: all.Events, Links: all.Links}
			if p.Tree || p.TraceID {
				b.Spans.TraceID = all.TraceID
			}
			if p.Tree {
				b.Spans.SpanID, b.Spans.ParentID = all.SpanID, all.ParentID
				b.Spans.Kind, b.Spans.Status, b.Spans.Duration = all.Kind, all.Status, all.Duration
			}
		}
		if !p.Events {
			b.Spans.Events = nil
		}
		if !p.Links {
			b.Spans.Links = nil
		}
	}
	return b
}

// Streams implements query.EventSource.
func (m *Memory) Streams(_ context.Context, r storage.StreamsRequest) ([]*model.Stream, error) {
	seen := map[string]bool{}
	var out []*model.Stream
	for _, row := range m.rows(r.Signal, r.Range, r.Where) {
		st := row.b.Stream(row.i)
		id, err := st.AppendBinary(nil)
		if err != nil {
			return nil, err
		}
		if !seen[string(id)] {
			seen[string(id)] = true
			out = append(out, st)
		}
	}
	return out, nil
}

// Keys implements query.EventSource.
func (m *Memory) Keys(_ context.Context, r storage.KeysRequest) ([]storage.Key, error) {
	type note struct {
		kinds  map[model.Kind]bool
		values map[model.Value]bool
		rows   int64
	}
	notes := map[string]*note{}
	add := func(key string, v model.Value) {
		if v.IsNone() {
			return
		}
		n := notes[key]
		if n == nil {
			n = &note{kinds: map[model.Kind]bool{}, values: map[model.Value]bool{}}
			notes[key] = n
		}
		n.kinds[v.Kind()], n.values[v] = true, true
		n.rows++
	}
	var parser storage.BodyParser
	addAll := func(attrs []model.Attr) {
		for _, a := range attrs {
			add(a.Key, a.Value)
		}
	}
	for _, row := range m.rows(r.Signal, r.Range, r.Where) {
		switch r.Place {
		case storage.Stream:
			addAll(row.b.Stream(row.i).Attrs)
		case storage.ScopeAttr:
			addAll(row.b.Stream(row.i).ScopeAttrs)
		case storage.Attr:
			for _, c := range row.b.Attrs {
				add(c.Key, c.At(row.i))
			}
		case storage.JSON, storage.Logfmt:
			seen := map[string]bool{}
			parser.EachKey(row.b.Body[row.i], r.Place, func(label string) { seen[label] = true })
			for label := range seen {
				add(label, parser.Value(row.b.Body[row.i], storage.Field{Place: r.Place, Key: label}))
			}
		case storage.EventAttr:
			if row.b.Spans != nil {
				for _, e := range row.b.Spans.Events[row.i] {
					addAll(e.Attrs)
				}
			}
		case storage.LinkAttr:
			if row.b.Spans != nil {
				for _, l := range row.b.Spans.Links[row.i] {
					addAll(l.Attrs)
				}
			}
		}
	}
	out := make([]storage.Key, 0, len(notes))
	for name, n := range notes {
		k := storage.Key{Name: name, Rows: n.rows, Distinct: int64(len(n.values))}
		for kind := range n.kinds {
			k.Kinds = append(k.Kinds, kind)
		}
		slices.Sort(k.Kinds)
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b storage.Key) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Values implements query.EventSource.
func (m *Memory) Values(_ context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	rows := map[model.Value]int64{}
	for _, row := range m.rows(r.Signal, r.Range, r.Where) {
		seen := map[model.Value]bool{}
		for v := range storage.Values(row.b, row.i, r.Field) {
			if !seen[v] {
				seen[v] = true
				rows[v]++
			}
		}
	}
	if r.MaxValues > 0 && len(rows) > r.MaxValues {
		return nil, storage.ErrTooManyGroups
	}
	out := make([]storage.ValueCount, 0, len(rows))
	for v, n := range rows {
		out = append(out, storage.ValueCount{Value: v, Rows: n})
	}
	slices.SortFunc(out, func(a, b storage.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), strings.Compare(a.Value.Text(), b.Value.Text()), cmp.Compare(a.Value.Kind(), b.Value.Kind()))
	})
	if r.Limit > 0 && len(out) > r.Limit {
		out = out[:r.Limit]
	}
	return out, nil
}

// Aggregate implements query.EventSource.
func (m *Memory) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	t := storage.NewTally(a)
	for _, b := range m.batches {
		if b.Signal != a.Signal {
			continue
		}
		if err := t.Add(b); err != nil {
			return nil, err
		}
	}
	groups := t.Groups()
	if a.Stats != nil {
		for _, g := range groups {
			for _, bk := range g.Buckets {
				a.Stats.RowsScanned += bk.Rows
			}
		}
	}
	return groups, ctx.Err()
}
