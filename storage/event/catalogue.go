package event

import (
	"context"
	"fmt"

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
			rows, err := h.visibleRows(h.hiddenBy(snap.hidings))
			if err != nil {
				return err
			}
			each(h.streams, rows)
		}
	}
	for _, p := range snap.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.unfit.Load() || !r.Overlaps(p.meta.MinTime, p.meta.MaxTime) {
			continue
		}
		table, rows, err := t.visibleStreams(p, snap.hidings)
		if err != nil {
			if err = t.corrupt(p, err); err != nil {
				return err
			}
			continue
		}
		each(table.streams, rows)
	}
	return ctx.Err()
}
