package event

import (
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// loadSpans decodes the columns of spans that p names; events and links of the
// rows wanted only, nil meaning all.
func (b *block) loadSpans(p *storage.Projection, want []bool) error {
	var errs []error
	s := b.batch.Spans
	if (p.Span || p.Tree || p.TraceID) && !b.loaded.TraceID {
		b.loaded.TraceID = true
		errs = append(errs, fixed(b, colTraceID, &s.TraceID, func(raw []byte) (id model.TraceID) { copy(id[:], raw); return id }))
	}
	if (p.Span || p.Tree) && !b.loaded.Tree {
		b.loaded.Tree = true
		errs = append(errs, b.loadTree())
	}
	if p.Span && !b.loaded.Span {
		b.loaded.Span = true
		errs = append(errs, b.loadSpan())
	}
	if p.Events && !b.loaded.Events {
		b.loaded.Events = true
		if err := b.loadTimes(); err != nil { // which events are stored relative to
			return err
		}
		s.Events = make([][]model.Event, b.rows)
		errs = append(errs, b.nested(colEvents, want, func(i int, raw string) (rest string, err error) {
			s.Events[i], rest, err = model.CutEvents(raw, b.batch.Time[i])
			return rest, err
		}))
	}
	if p.Links && !b.loaded.Links {
		b.loaded.Links = true
		s.Links = make([][]model.Link, b.rows)
		errs = append(errs, b.nested(colLinks, want, func(i int, raw string) (rest string, err error) {
			s.Links[i], rest, err = model.CutLinks(raw)
			return rest, err
		}))
	}
	return errors.Join(errs...)
}

// nested decodes a column of encoded lists, in the rows wanted.
func (b *block) nested(name string, want []bool, cut func(row int, raw string) (rest string, err error)) error {
	return b.eachValue(name, want, func(row, i int, pg *valuePage) error {
		raw, err := pg.text(i)
		if err != nil {
			return err
		}
		rest, err := cut(row, raw)
		if err == nil && rest != "" {
			err = errTruncated
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		return nil
	})
}

func (b *block) loadTree() error {
	s := b.batch.Spans
	return errors.Join(
		fixed(b, colSpanID, &s.SpanID, func(raw []byte) (id model.SpanID) { copy(id[:], raw); return id }),
		fixed(b, colParentID, &s.ParentID, func(raw []byte) (id model.SpanID) { copy(id[:], raw); return id }),
		ints(b, colKind, &s.Kind),
		ints(b, colStatus, &s.Status),
		ints(b, colDuration, &s.Duration),
	)
}

// loadSpan decodes the columns that Projection.Span has beyond Tree.
func (b *block) loadSpan() error {
	s := b.batch.Spans
	var err1, err2 error
	s.StatusMessage, _, err1 = b.strings(colStatusMessage)
	s.TraceState, _, err2 = b.strings(colTraceState)
	return errors.Join(err1, err2,
		b.full(colStatusMessage, len(s.StatusMessage)),
		b.full(colTraceState, len(s.TraceState)),
		ints(b, colFlags, &s.Flags),
		ints(b, colDroppedAttrs, &s.DroppedAttrs),
		ints(b, colDroppedEvents, &s.DroppedEvents),
		ints(b, colDroppedLinks, &s.DroppedLinks),
	)
}

// fixed decodes a column of byte arrays of one size.
func fixed[T any](b *block, name string, to *[]T, id func([]byte) T) error {
	*to = slices.Grow(*to, b.rows)
	err := b.each(name, func(pg parquet.Page) error {
		data := pg.Data()
		raw, size := data.FixedLenByteArray()
		if size <= 0 {
			return fmt.Errorf("values of %d bytes", size)
		}
		for ; len(raw) >= size; raw = raw[size:] {
			*to = append(*to, id(raw[:size]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.full(name, len(*to))
}

// ints decodes a column of integers of 32 or 64 bits.
func ints[T ~uint8 | ~uint32 | ~int64](b *block, name string, to *[]T) error {
	*to = slices.Grow(*to, b.rows)
	err := b.each(name, func(pg parquet.Page) error {
		data := pg.Data()
		if pg.Type().Kind() == parquet.Int32 {
			for _, x := range data.Int32() {
				*to = append(*to, T(x))
			}
			return nil
		}
		for _, x := range data.Int64() {
			*to = append(*to, T(x))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.full(name, len(*to))
}
