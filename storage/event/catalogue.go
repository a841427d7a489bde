package event

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Streams implements query.EventSource. It reads stream tables only.
func (s *Store) Streams(ctx context.Context, r storage.StreamsRequest) ([]*model.Stream, error) {
	if !streamOnly(r.Where) {
		return nil, fmt.Errorf("streams where %v: only conditions on streams: %w", r.Where, fault.ErrInvalid)
	}
	seen := map[string]bool{}
	var out []*model.Stream
	var scratch []byte
	err := s.eachStream(ctx, r.Signal, r.Range, r.Where, func(st *model.Stream, _ int64) {
		scratch, _ = st.AppendBinary(scratch[:0])
		if !seen[string(scratch)] {
			seen[string(scratch)] = true
			out = append(out, st)
		}
	})
	return out, err
}

// eachStream calls f with each stream of each head and part that overlaps r,
// and its number of rows there.
func (s *Store) eachStream(ctx context.Context, sig model.Signal, r model.Range, where storage.Predicate, f func(*model.Stream, int64)) error {
	t := s.table(sig)
	if t == nil {
		return fmt.Errorf("signal %v: %w", sig, fault.ErrInvalid)
	}
	snap := t.snapshot()
	defer snap.release()
	flt := newFilter(where)
	each := func(streams []*model.Stream, rows []int64) {
		keep, _ := flt.keepStreams(streams)
		for i, st := range streams {
			if rows[i] > 0 && (keep == nil || keep[i]) {
				f(st, rows[i])
			}
		}
	}
	for _, h := range snap.heads {
		if h.rows > 0 && r.Overlaps(h.minTime, h.maxTime) {
			each(h.streams, h.perRow)
		}
	}
	for _, p := range snap.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.unfit.Load() || !r.Overlaps(p.meta.MinTime, p.meta.MaxTime) {
			continue
		}
		p.enter()
		table, err := p.streams()
		p.leave()
		if err != nil {
			if err = t.corrupt(p, err); err != nil {
				return err
			}
			continue
		}
		each(table.streams, table.rows)
	}
	return ctx.Err()
}

// keySet collects keys and the kinds of their values, as bits.
type keySet map[string]uint16

func (k keySet) add(attrs []model.Attr) {
	for _, a := range attrs {
		k[a.Key] |= 1 << a.Value.Kind()
	}
}

func (k keySet) sorted() []storage.Key {
	out := make([]storage.Key, 0, len(k))
	for name, kinds := range k {
		key := storage.Key{Name: name}
		for kind := model.KindString; kind <= model.KindMap; kind++ {
			if kinds&(1<<kind) != 0 {
				key.Kinds = append(key.Kinds, kind)
			}
		}
		if len(key.Kinds) > 0 {
			out = append(out, key)
		}
	}
	slices.SortFunc(out, func(a, b storage.Key) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Keys implements query.EventSource. Keys of streams come from stream tables,
// others from meta.json, unless a predicate on rows makes it look at them.
func (s *Store) Keys(ctx context.Context, r storage.KeysRequest) ([]storage.Key, error) {
	keys := keySet{}
	switch r.Place {
	case storage.Stream, storage.ScopeAttr:
		attrs := func(st *model.Stream) []model.Attr {
			if r.Place == storage.Stream {
				return st.Attrs
			}
			return st.ScopeAttrs
		}
		if streamOnly(r.Where) {
			err := s.eachStream(ctx, r.Signal, r.Range, r.Where, func(st *model.Stream, _ int64) { keys.add(attrs(st)) })
			return keys.sorted(), err
		}
		err := s.scanKeys(ctx, r, r.Range, &storage.Projection{}, func(b *model.Batch) {
			for _, st := range b.Streams {
				keys.add(attrs(st))
			}
		})
		return keys.sorted(), err
	case storage.Attr, storage.EventAttr, storage.LinkAttr:
	default:
		return nil, fmt.Errorf("keys of %v, which has none: %w", r.Place, fault.ErrInvalid)
	}

	p := &storage.Projection{
		EveryAttr: r.Place == storage.Attr, Events: r.Place == storage.EventAttr, Links: r.Place == storage.LinkAttr,
	}
	collect := func(b *model.Batch) {
		for _, c := range b.Attrs {
			for _, v := range c.Vals {
				keys[c.Key] |= 1 << v.Kind()
			}
		}
		if b.Spans == nil {
			return
		}
		for _, es := range b.Spans.Events {
			for _, e := range es {
				keys.add(e.Attrs)
			}
		}
		for _, ls := range b.Spans.Links {
			for _, l := range ls {
				keys.add(l.Attrs)
			}
		}
	}
	if r.Where != nil {
		err := s.scanKeys(ctx, r, r.Range, p, collect)
		return keys.sorted(), err
	}
	t := s.table(r.Signal)
	if t == nil {
		return nil, fmt.Errorf("signal %v: %w", r.Signal, fault.ErrInvalid)
	}
	snap := t.snapshot()
	defer snap.release()
	for _, part := range snap.parts {
		if !r.Range.Overlaps(part.meta.MinTime, part.meta.MaxTime) {
			continue
		}
		for _, k := range part.meta.Keys {
			if k.Place == r.Place {
				for _, kind := range k.Kinds {
					keys[k.Key] |= 1 << kind
				}
			}
		}
	}
	for _, h := range snap.heads {
		for _, c := range h.chunks {
			if r.Range.Overlaps(c.minTime, c.maxTime) {
				b := c.batch
				if r.Place != storage.Attr {
					b.Attrs = nil
				}
				if b.Spans != nil {
					b.Spans = &model.SpanColumns{}
					if p.Events {
						b.Spans.Events = c.batch.Spans.Events
					}
					if p.Links {
						b.Spans.Links = c.batch.Spans.Links
					}
				}
				collect(&b)
			}
		}
	}
	return keys.sorted(), ctx.Err()
}

func (s *Store) scanKeys(ctx context.Context, r storage.KeysRequest, over model.Range, p *storage.Projection, f func(*model.Batch)) error {
	for b, err := range s.Scan(ctx, storage.Scan{Signal: r.Signal, Range: over, Where: r.Where, Project: p}) {
		if err != nil {
			return err
		}
		f(b)
	}
	return nil
}

// Values implements query.EventSource. Values of streams come from stream
// tables, unless a predicate on rows makes it look at them; for other fields
// it decodes their column.
func (s *Store) Values(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	rows := map[model.Value]int64{}
	var err error
	if ofStream(r.Field.Place) && streamOnly(r.Where) {
		one := &model.Batch{Signal: r.Signal, StreamOf: []uint32{0}, Time: []int64{0}}
		err = s.eachStream(ctx, r.Signal, r.Range, r.Where, func(st *model.Stream, n int64) {
			one.Streams = []*model.Stream{st}
			for v := range storage.Values(one, 0, r.Field) {
				rows[v] += n
			}
		})
	} else {
		err = s.countValues(ctx, r, rows)
	}
	if err != nil {
		return nil, err
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

func (s *Store) countValues(ctx context.Context, r storage.ValuesRequest, rows map[model.Value]int64) error {
	var p storage.Projection
	addPlace(&p, r.Field)
	for b, err := range s.Scan(ctx, storage.Scan{Signal: r.Signal, Range: r.Range, Where: r.Where, Project: &p}) {
		if err != nil {
			return err
		}
		if r.Field.Place == storage.Attr {
			for _, c := range b.Attrs {
				for _, v := range c.Vals {
					rows[v]++
				}
			}
			continue
		}
		var seen []model.Value // of one row, whose values are few
		for i := range b.Len() {
			seen = seen[:0]
			for v := range storage.Values(b, i, r.Field) {
				if !slices.Contains(seen, v) {
					seen = append(seen, v)
					rows[v]++
				}
			}
		}
	}
	return nil
}
