package event

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/oriel-obs/oriel/model"
)

// appendBatch appends the encoding of b that docs/format/wal.md draws. b has
// passed Check.
func appendBatch(dst []byte, b *model.Batch) []byte {
	n := b.Len()
	dst = append(dst, byte(b.Signal))
	dst = binary.AppendUvarint(dst, uint64(n))

	dst = binary.AppendUvarint(dst, uint64(len(b.Streams)))
	for _, s := range b.Streams {
		dst = appendSized(dst, func(d []byte) []byte {
			d, _ = s.AppendBinary(d) // never fails; the error is for encoding.BinaryAppender
			return d
		})
	}
	if len(b.Streams) > 1 {
		for _, s := range b.StreamOf {
			dst = binary.AppendUvarint(dst, uint64(s))
		}
	}
	prev := int64(0)
	for _, t := range b.Time {
		dst = binary.AppendVarint(dst, t-prev) // may wrap around; so does reading
		prev = t
	}
	dst = appendStrings(dst, b.Body)
	if b.Spans != nil {
		dst = appendSpans(dst, b)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.Attrs)))
	for _, c := range b.Attrs {
		dst = appendColumn(dst, c)
	}
	return dst
}

func appendSpans(dst []byte, b *model.Batch) []byte {
	s := b.Spans
	for i := range s.TraceID {
		dst = append(dst, s.TraceID[i][:]...)
	}
	for i := range s.SpanID {
		dst = append(dst, s.SpanID[i][:]...)
	}
	for i := range s.ParentID {
		dst = append(dst, s.ParentID[i][:]...)
	}
	for _, k := range s.Kind {
		dst = append(dst, byte(k))
	}
	for _, c := range s.Status {
		dst = append(dst, byte(c))
	}
	for _, d := range s.Duration {
		dst = binary.AppendVarint(dst, d)
	}
	dst = appendStrings(dst, s.StatusMessage)
	dst = appendStrings(dst, s.TraceState)
	for _, c := range [][]uint32{s.Flags, s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks} {
		for _, x := range c {
			dst = binary.AppendUvarint(dst, uint64(x))
		}
	}
	for i, e := range s.Events {
		dst = model.AppendEvents(dst, b.Time[i], e)
	}
	for _, l := range s.Links {
		dst = model.AppendLinks(dst, l)
	}
	return dst
}

func appendColumn(dst []byte, c *model.Column) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c.Key)))
	dst = append(dst, c.Key...)
	if c.Rows == nil {
		dst = append(dst, 0)
	} else {
		dst = append(dst, 1)
		dst = binary.AppendUvarint(dst, uint64(len(c.Rows)))
		prev := uint32(0)
		for _, r := range c.Rows {
			dst = binary.AppendUvarint(dst, uint64(r-prev))
			prev = r
		}
	}
	for _, v := range c.Vals {
		dst = model.AppendValue(dst, v)
	}
	return dst
}

// appendStrings appends all lengths, then all bytes.
func appendStrings(dst []byte, ss []string) []byte {
	for _, s := range ss {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
	}
	for _, s := range ss {
		dst = append(dst, s...)
	}
	return dst
}

// appendSized appends what f appends, preceded by its length in 4 bytes.
func appendSized(dst []byte, f func([]byte) []byte) []byte {
	at := len(dst)
	dst = f(append(dst, 0, 0, 0, 0))
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// parseBatch decodes what appendBatch wrote. The batch refers to p's bytes.
func parseBatch(p string) (*model.Batch, error) {
	r := reader{rest: p}
	b := &model.Batch{Signal: model.Signal(r.byte())}
	if r.err == nil && b.Signal != model.Logs && b.Signal != model.Spans {
		return nil, fmt.Errorf("decode batch: unknown signal %d", b.Signal)
	}
	n := r.count(2) // a time and a body length
	for range r.count(4) {
		s, err := model.ParseStream(r.bytes(uint64(r.uint32())))
		if r.err != nil || err != nil {
			return nil, fmt.Errorf("decode batch: %w", errors.Join(r.err, err))
		}
		b.Streams = append(b.Streams, s)
	}
	b.StreamOf = make([]uint32, n)
	if len(b.Streams) > 1 {
		for i := range b.StreamOf {
			b.StreamOf[i] = uint32(r.uvarint())
		}
	}
	b.Time = make([]int64, n)
	prev := int64(0)
	for i := range b.Time {
		prev += r.varint()
		b.Time[i] = prev
	}
	b.Body = r.strings(n)
	if b.Signal == model.Spans {
		r.spans(b)
	}
	for range r.count(2) {
		c := r.column(n)
		if r.err != nil {
			break
		}
		b.Attrs = append(b.Attrs, c)
	}
	if r.err == nil && r.rest != "" {
		r.err = fmt.Errorf("%d bytes after the end", len(r.rest))
	}
	if r.err == nil {
		r.err = b.Check()
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode batch: %w", r.err)
	}
	return b, nil
}

func (r *reader) spans(b *model.Batch) {
	n := len(b.Time)
	if uint64(n) > uint64(len(r.rest)/34) { // three ids, kind and status
		r.fail()
		return
	}
	s := &model.SpanColumns{
		TraceID: make([]model.TraceID, n), SpanID: make([]model.SpanID, n), ParentID: make([]model.SpanID, n),
		Kind: make([]model.SpanKind, n), Status: make([]model.StatusCode, n), Duration: make([]int64, n),
		Events: make([][]model.Event, n), Links: make([][]model.Link, n),
	}
	b.Spans = s
	for i := range n {
		copy(s.TraceID[i][:], r.bytes(16))
	}
	for i := range n {
		copy(s.SpanID[i][:], r.bytes(8))
	}
	for i := range n {
		copy(s.ParentID[i][:], r.bytes(8))
	}
	for i := range n {
		s.Kind[i] = model.SpanKind(r.byte())
	}
	for i := range n {
		s.Status[i] = model.StatusCode(r.byte())
	}
	for i := range n {
		s.Duration[i] = r.varint()
	}
	s.StatusMessage = r.strings(n)
	s.TraceState = r.strings(n)
	for _, c := range []*[]uint32{&s.Flags, &s.DroppedAttrs, &s.DroppedEvents, &s.DroppedLinks} {
		*c = make([]uint32, n)
		for i := range *c {
			(*c)[i] = uint32(r.uvarint())
		}
	}
	for i := range n {
		e, rest, err := model.CutEvents(r.rest, b.Time[i])
		s.Events[i], r.rest = e, rest
		r.keep(err)
	}
	for i := range n {
		l, rest, err := model.CutLinks(r.rest)
		s.Links[i], r.rest = l, rest
		r.keep(err)
	}
}

func (r *reader) column(n int) *model.Column {
	c := &model.Column{Key: r.bytes(r.uvarint())}
	vals := n
	if sparse := r.byte(); sparse == 1 {
		vals = r.count(2) // a row and a kind
		c.Rows = make([]uint32, vals)
		prev := uint32(0)
		for j := range c.Rows {
			prev += uint32(r.uvarint())
			c.Rows[j] = prev
		}
	}
	if vals > len(r.rest) {
		r.fail()
		return nil
	}
	c.Vals = make([]model.Value, vals)
	for j := range c.Vals {
		v, rest, err := model.CutValue(r.rest)
		c.Vals[j], r.rest = v, rest
		r.keep(err)
	}
	return c
}
