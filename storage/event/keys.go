package event

import (
	"context"
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Keys implements query.EventSource. Keys of streams come from stream tables,
// those of attributes from meta.json, unless a predicate or a delete makes it
// look at rows and r is not wide; those of bodies from the templates that rows have.
// Within a range, the rows of parts that lie only partly in it are looked at.
func (s *Store) Keys(ctx context.Context, r storage.KeysRequest) ([]storage.Key, error) {
	t := s.table(r.Signal)
	if t == nil {
		return nil, fmt.Errorf("keys of signal %v: %w", r.Signal, fault.ErrInvalid)
	}
	keys := keyNotes{}
	var err error
	switch r.Place {
	case storage.Stream, storage.ScopeAttr:
		err = s.streamKeys(ctx, r, keys)
	case storage.Attr, storage.EventAttr, storage.LinkAttr:
		err = s.attrKeys(ctx, t, r, keys)
	case storage.JSON, storage.Logfmt:
		err = s.bodyKeys(ctx, t, r, keys)
	default:
		err = fmt.Errorf("keys of %v, which has none: %w", r.Place, fault.ErrInvalid)
	}
	if err != nil {
		return nil, err
	}
	return keys.sorted(), nil
}

func (s *Store) streamKeys(ctx context.Context, r storage.KeysRequest, keys keyNotes) error {
	note := func(st *model.Stream, rows int64) {
		attrs := st.Attrs
		if r.Place == storage.ScopeAttr {
			attrs = st.ScopeAttrs
		}
		for _, a := range attrs {
			keys.of(a.Key).value(a.Value, rows)
		}
	}
	if streamOnly(r.Where) && !r.Within {
		return s.eachStream(ctx, r.Signal, r.Range, r.Where, note)
	}
	groups, err := s.Aggregate(ctx, storage.Aggregate{Signal: r.Signal, Range: r.Range, Where: r.Where, ByStream: true})
	for _, g := range groups {
		note(g.Stream, g.Buckets[0].Rows)
	}
	return err
}

func (s *Store) attrKeys(ctx context.Context, t *table, r storage.KeysRequest, keys keyNotes) error {
	snap := t.snapshot()
	defer snap.release()
	exact := r.Wide
	if !exact && r.Where == nil {
		var err error
		if exact, err = t.exact(snap, r.Range); err != nil {
			return err
		}
	}
	noted := snap
	if !exact || r.Within {
		scanned := snap
		if noted = (&snapshot{}); exact {
			noted, scanned = snap.split(r.Range)
		}
		p := &storage.Projection{
			EveryAttr: r.Place == storage.Attr, Events: r.Place == storage.EventAttr, Links: r.Place == storage.LinkAttr,
		}
		for b, err := range s.scan(ctx, t, scanned, storage.Scan{Signal: r.Signal, Range: r.Range, Where: r.Where, Project: p}) {
			if err != nil {
				return err
			}
			keys.batch(b, r.Place)
		}
	}
	for _, part := range noted.parts {
		if !r.Range.Overlaps(part.meta.MinTime, part.meta.MaxTime) {
			continue
		}
		for _, m := range part.meta.Keys {
			if m.Place == r.Place {
				keys.of(m.Key).meta(m)
			}
		}
	}
	for _, h := range noted.heads {
		for _, c := range h.chunks {
			switch {
			case !r.Range.Overlaps(c.minTime, c.maxTime):
			case r.Names && r.Place == storage.Attr:
				keys.columns(&c.batch)
			default:
				keys.batch(&c.batch, r.Place)
			}
		}
	}
	return ctx.Err()
}

// columns notes the keys of attributes of b, and the kinds of their values.
func (k keyNotes) columns(b *model.Batch) {
	for _, c := range b.Attrs {
		n := k.of(c.Key)
		for _, v := range c.Vals {
			if !v.IsNone() {
				n.kinds |= 1 << v.Kind()
			}
		}
	}
}

// batch notes the keys at one place of b.
func (k keyNotes) batch(b *model.Batch, place storage.Place) {
	if place == storage.Attr {
		for _, c := range b.Attrs {
			n := k.of(c.Key)
			for _, v := range c.Vals {
				n.value(v, 1)
			}
		}
		return
	}
	if b.Spans == nil {
		return
	}
	if place == storage.EventAttr {
		for _, es := range b.Spans.Events {
			for _, e := range es {
				k.attrs(e.Attrs)
			}
		}
		return
	}
	for _, ls := range b.Spans.Links {
		for _, l := range ls {
			k.attrs(l.Attrs)
		}
	}
}
