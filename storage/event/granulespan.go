package event

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// spanColumns are some of the columns that every span has a value of.
type spanColumns uint16

const (
	ofTraceID spanColumns = 1 << iota
	ofSpanID
	ofParentID
	ofKind
	ofStatus
	ofStatusMessage
	ofDuration
	ofTraceState
	ofFlags
	ofDroppedAttrs
	ofDroppedEvents
	ofDroppedLinks

	everySpanColumn = 1<<iota - 1
	treeColumns     = ofTraceID | ofSpanID | ofParentID | ofKind | ofStatus | ofDuration
)

// projectedSpans returns the columns that p names.
func projectedSpans(p *storage.Projection) (c spanColumns) {
	switch {
	case p.Span:
		return everySpanColumn
	case p.Tree:
		return treeColumns
	case p.TraceID:
		return ofTraceID
	}
	return 0
}

// spanColumnOf returns the column that holds a place of spans, or 0.
func spanColumnOf(p storage.Place) spanColumns {
	switch p {
	case storage.TraceID:
		return ofTraceID
	case storage.SpanID:
		return ofSpanID
	case storage.ParentID:
		return ofParentID
	case storage.Kind:
		return ofKind
	case storage.Status:
		return ofStatus
	case storage.StatusMessage:
		return ofStatusMessage
	case storage.Duration:
		return ofDuration
	case storage.TraceState:
		return ofTraceState
	}
	return 0
}

// readSpans decodes columns of the rows of sel into s.
func (b *block) readSpans(s *model.SpanColumns, c spanColumns, sel []uint32) error {
	for ; c != 0; c &= c - 1 {
		var err error
		switch spanColumns(1) << bits.TrailingZeros16(uint16(c)) {
		case ofTraceID:
			s.TraceID, err = fixed[model.TraceID](b, colTraceID, sel)
		case ofSpanID:
			s.SpanID, err = fixed[model.SpanID](b, colSpanID, sel)
		case ofParentID:
			s.ParentID, err = fixed[model.SpanID](b, colParentID, sel)
		case ofKind:
			s.Kind, err = ints[model.SpanKind](b, colKind, sel)
		case ofStatus:
			s.Status, err = ints[model.StatusCode](b, colStatus, sel)
		case ofStatusMessage:
			s.StatusMessage, err = b.textsOf(colStatusMessage, sel)
		case ofDuration:
			s.Duration, err = ints[int64](b, colDuration, sel)
		case ofTraceState:
			s.TraceState, err = b.textsOf(colTraceState, sel)
		case ofFlags:
			s.Flags, err = ints[uint32](b, colFlags, sel)
		case ofDroppedAttrs:
			s.DroppedAttrs, err = ints[uint32](b, colDroppedAttrs, sel)
		case ofDroppedEvents:
			s.DroppedEvents, err = ints[uint32](b, colDroppedEvents, sel)
		case ofDroppedLinks:
			s.DroppedLinks, err = ints[uint32](b, colDroppedLinks, sel)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ofTraces returns the rows of sel that are of one of the traces.
func (b *block) ofTraces(ids map[model.TraceID]bool, sel []uint32) ([]uint32, error) {
	if b.part == nil {
		return sift(sel, func(row uint32) bool { return ids[b.batch.Spans.TraceID[row]] }), nil
	}
	b.few = len(ids) <= indexedIDs
	defer func() { b.few = false }()
	var ends [256]bool // of ids, since most rows are of none
	for id := range ids {
		ends[endOf(&id)] = true
	}
	kept := make([]uint32, 0, 16)
	err := eachFixed(b, colTraceID, sel, func(k int, id model.TraceID) {
		if ends[endOf(&id)] && ids[id] {
			kept = append(kept, sel[k])
		}
	})
	return kept, err
}

// endOf returns a byte of a trace's id in which ids differ: senders count up
// either half of it, or make it at random.
func endOf(id *model.TraceID) byte { return id[len(id)/2-1] ^ id[len(id)-1] }

// readEvents decodes the events of the rows of sel.
func (b *block) readEvents(sel []uint32) ([][]model.Event, error) {
	if err := b.loadTimes(); err != nil { // which events are stored relative to
		return nil, err
	}
	out := make([][]model.Event, len(sel))
	err := b.nested(colEvents, sel, func(k int, raw string) (rest string, err error) {
		out[k], rest, err = model.CutEvents(raw, b.batch.Time[sel[k]])
		return rest, err
	})
	return out, err
}

// readLinks decodes the links of the rows of sel.
func (b *block) readLinks(sel []uint32) ([][]model.Link, error) {
	out := make([][]model.Link, len(sel))
	err := b.nested(colLinks, sel, func(k int, raw string) (rest string, err error) {
		out[k], rest, err = model.CutLinks(raw)
		return rest, err
	})
	return out, err
}

// nested decodes a column of encoded lists: of row sel[k] by cut(k).
func (b *block) nested(name string, sel []uint32, cut func(k int, raw string) (rest string, err error)) error {
	return b.eachValue(name, sel, func(k, i int, pg *valuePage) error {
		raw, err := pg.text(i)
		if err != nil {
			return err
		}
		rest, err := cut(k, raw)
		if err == nil && rest != "" {
			err = errTruncated
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", sel[k], err)
		}
		return nil
	})
}

// textsOf decodes the rows of sel of a required column.
func (b *block) textsOf(name string, sel []uint32) ([]string, error) {
	out := make([]string, len(sel))
	if text, kind, ok := b.sameInAll(name); ok && kind == parquet.ByteArray {
		if text != "" {
			for k := range out {
				out[k] = text
			}
		}
		return out, nil
	}
	n := 0
	err := b.eachValue(name, sel, func(k, i int, pg *valuePage) (err error) {
		n++
		out[k], err = pg.text(i)
		return err
	})
	if err == nil && n != len(sel) {
		err = b.full(name, n)
	}
	return out, err
}

// fixed decodes the rows of sel of a column of byte arrays of one size.
func fixed[T ~[8]byte | ~[16]byte](b *block, name string, sel []uint32) ([]T, error) {
	out := make([]T, len(sel))
	err := eachFixed(b, name, sel, func(k int, value T) { out[k] = value })
	return out, err
}

// eachFixed calls f with the value that row sel[k] has in a column of byte
// arrays of one size.
func eachFixed[T ~[8]byte | ~[16]byte](b *block, name string, sel []uint32, f func(k int, value T)) error {
	var value T
	k := 0
	return b.eachPage(name, sel, func(pg *page, first int, rows []uint32) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		raw, size := data.FixedLenByteArray()
		if size != len(value) {
			return fmt.Errorf("values of %d bytes; want %d", size, len(value))
		}
		for _, row := range rows {
			at := (int(row) - first) * size
			f(k, T(raw[at:at+size]))
			k++
		}
		return nil
	})
}

// ints decodes the rows of sel of a column of integers of 32 or 64 bits.
func ints[T ~uint8 | ~uint32 | ~int64](b *block, name string, sel []uint32) ([]T, error) {
	out := make([]T, 0, len(sel))
	if raw, kind, ok := b.sameInAll(name); ok && kind != parquet.ByteArray {
		x := intOf(raw)
		for range sel {
			out = append(out, T(x))
		}
		return out, nil
	}
	err := b.eachPage(name, sel, func(pg *page, first int, rows []uint32) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		if pg.kind == parquet.Int32 {
			out = appendRows(out, data.Int32(), first, rows)
		} else {
			out = appendRows(out, data.Int64(), first, rows)
		}
		return nil
	})
	return out, err
}

// appendRows appends the values of rows in a page, whose first row is first.
func appendRows[T ~uint8 | ~uint32 | ~int64, S int32 | int64](out []T, page []S, first int, rows []uint32) []T {
	for _, row := range rows {
		out = append(out, T(page[int(row)-first]))
	}
	return out
}

// eachPage calls f with the pages of a required column, the first row of each,
// and which rows of sel, which is ascending, are in it.
func (b *block) eachPage(name string, sel []uint32, f func(pg *page, first int, rows []uint32) error) error {
	first := 0
	err := b.each(name, func(pg *page) error {
		end := first + pg.rows
		n := 0
		for n < len(sel) && int(sel[n]) < end {
			n++
		}
		err := f(pg, first, sel[:n])
		first, sel = end, sel[n:]
		return err
	})
	if err != nil {
		return err
	}
	return b.full(name, first)
}

// sameInAll returns the value that all rows have in a required column of
// integers or byte arrays, as the file has it, if it says that there is one,
// which spares reading it.
func (b *block) sameInAll(name string) (raw string, kind parquet.Kind, ok bool) {
	leaf, ok := b.columns.numbers[name]
	if !ok {
		return "", 0, false
	}
	c := b.columns.chunk(b.number, leaf)
	if c.same == 0 {
		return "", 0, false
	}
	return b.columns.values[c.same-1], b.columns.leaves[leaf].typ.Kind(), true
}

// intOf returns an integer of 4 or 8 bytes.
func intOf(raw string) int64 {
	if len(raw) == 4 {
		return int64(int32(binary.LittleEndian.Uint32([]byte(raw))))
	}
	return int64(binary.LittleEndian.Uint64([]byte(raw)))
}

// allNull reports whether no row has a value in a column.
func (b *block) allNull(name string) bool {
	leaf, ok := b.columns.numbers[name]
	return ok && b.columns.chunk(b.number, leaf).flags&chunkNull != 0
}
