package sampling

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/oriel-obs/oriel/model"
)

// What a payload of the journal holds, by its first byte.
const (
	spansPayload   = 'S' // a batch that waits
	decidedPayload = 'D' // ids of traces that wait no longer
)

// A frame is a batch of spans that wait, as the journal has it: memory holds
// the same bytes, since spans that are decoded take several times as much.
type frame struct {
	streams []*model.Stream
	at      position // in the journal; only known after a restart
}

// A waitingRow is a span in a frame.
type waitingRow struct {
	frame *frame
	text  string
}

// encodeSpans appends the payload of a batch, which has passed Check.
func encodeSpans(dst []byte, b *model.Batch) []byte {
	dst = append(dst, spansPayload)
	dst = binary.AppendUvarint(dst, uint64(len(b.Streams)))
	var buf []byte
	for _, st := range b.Streams {
		buf, _ = st.AppendBinary(buf[:0]) // never fails; the error is for encoding.BinaryAppender
		dst = appendSized(dst, buf)
	}
	attrs := attrsByRow(b)
	dst = binary.AppendUvarint(dst, uint64(b.Len()))
	for i := range b.Len() {
		buf = appendSpan(buf[:0], b, i, attrs[i])
		dst = appendSized(dst, buf)
	}
	return dst
}

func appendSized(dst, part []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// attrsByRow turns the columns of b into the attributes of each row, sorted by
// key as columns are.
func attrsByRow(b *model.Batch) [][]model.Attr {
	out := make([][]model.Attr, b.Len())
	for _, c := range b.Attrs {
		for j, v := range c.Vals {
			i := j
			if c.Rows != nil {
				i = int(c.Rows[j])
			}
			if !v.IsNone() {
				out[i] = append(out[i], model.Attr{Key: c.Key, Value: v})
			}
		}
	}
	return out
}

func appendSpan(dst []byte, b *model.Batch, i int, attrs []model.Attr) []byte {
	s := b.SpanAt(i)
	dst = append(append(append(dst, s.TraceID[:]...), s.SpanID[:]...), s.ParentID[:]...)
	dst = append(dst, byte(s.Kind), byte(s.Status))
	dst = binary.AppendUvarint(dst, uint64(b.StreamOf[i]))
	dst = binary.AppendVarint(dst, s.Start)
	dst = binary.AppendVarint(dst, s.Duration)
	for _, text := range [...]string{s.Name, s.StatusMessage, s.TraceState} {
		dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
	}
	for _, n := range [...]uint32{s.Flags, s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	dst = model.AppendAttrs(dst, attrs)
	dst = model.AppendEvents(dst, s.Start, s.Events)
	return model.AppendLinks(dst, s.Links)
}

// parseSpans cuts a payload, behind its first byte, into rows, which refer to
// it. Rows are not decoded.
func parseSpans(payload string) ([]waitingRow, error) {
	c := cutter{rest: payload}
	f := &frame{}
	for range c.uvarint() {
		st, err := model.ParseStream(c.sized())
		if err = errors.Join(c.err, err); err != nil {
			return nil, fmt.Errorf("decode spans: %w", err)
		}
		f.streams = append(f.streams, st)
	}
	var rows []waitingRow
	for range c.uvarint() {
		text := c.sized()
		if c.err == nil && len(text) < len(model.TraceID{}) {
			c.err = errShort
		}
		if c.err != nil {
			return nil, fmt.Errorf("decode spans: %w", c.err)
		}
		rows = append(rows, waitingRow{f, text})
	}
	if c.err != nil {
		return nil, fmt.Errorf("decode spans: %w", c.err)
	}
	return rows, nil
}

func (r waitingRow) trace() model.TraceID {
	return model.TraceID([]byte(r.text[:len(model.TraceID{})]))
}

// decode returns the span, its stream and its attributes.
func (r waitingRow) decode() (s model.Span, st *model.Stream, attrs []model.Attr, err error) {
	c := cutter{rest: r.text}
	copy(s.TraceID[:], c.bytes(uint64(len(s.TraceID))))
	copy(s.SpanID[:], c.bytes(uint64(len(s.SpanID))))
	copy(s.ParentID[:], c.bytes(uint64(len(s.ParentID))))
	if enums := c.bytes(2); c.err == nil {
		s.Kind, s.Status = model.SpanKind(enums[0]), model.StatusCode(enums[1])
	}
	stream := c.uvarint()
	s.Start, s.Duration = c.varint(), c.varint()
	s.Name, s.StatusMessage, s.TraceState = c.sized(), c.sized(), c.sized()
	for _, n := range [...]*uint32{&s.Flags, &s.DroppedAttrs, &s.DroppedEvents, &s.DroppedLinks} {
		*n = uint32(c.uvarint())
	}
	if c.err == nil && stream >= uint64(len(r.frame.streams)) {
		c.err = fmt.Errorf("stream %d of %d", stream, len(r.frame.streams))
	}
	if c.err == nil {
		attrs, c.rest, c.err = model.CutAttrs(c.rest)
	}
	if c.err == nil {
		s.Events, c.rest, c.err = model.CutEvents(c.rest, s.Start)
	}
	if c.err == nil {
		s.Links, c.rest, c.err = model.CutLinks(c.rest)
	}
	if c.err != nil {
		return s, nil, nil, fmt.Errorf("decode span: %w", c.err)
	}
	return s, r.frame.streams[stream], attrs, nil
}

// encodeDecided returns the payload that says that what came of traces before a
// position waits no longer.
func encodeDecided(until position, traces []*waitingTrace) []byte {
	b := binary.AppendUvarint([]byte{decidedPayload}, until.segment)
	b = binary.AppendVarint(b, until.offset)
	for _, t := range traces {
		b = append(b, t.id[:]...)
	}
	return b
}

// parseDecided reads it back, behind its first byte.
func parseDecided(payload string) (until position, ids []model.TraceID, err error) {
	c := cutter{rest: payload}
	until = position{c.uvarint(), c.varint()}
	for c.err == nil && c.rest != "" {
		var id model.TraceID
		copy(id[:], c.bytes(uint64(len(id))))
		ids = append(ids, id)
	}
	if c.err != nil {
		return until, nil, fmt.Errorf("decode decisions: %w", c.err)
	}
	return until, ids, nil
}

var errShort = errors.New("it ends too early")

// A cutter reads values off the front of a text; after an error all are zero.
type cutter struct {
	rest string
	err  error
}

func (c *cutter) bytes(n uint64) string {
	if c.err == nil && n > uint64(len(c.rest)) {
		c.err = errShort
	}
	if c.err != nil {
		return ""
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out
}

func (c *cutter) uvarint() uint64 {
	n, size := binary.Uvarint([]byte(c.rest[:min(len(c.rest), binary.MaxVarintLen64)]))
	if size <= 0 && c.err == nil {
		c.err = errShort
	}
	if c.err != nil {
		return 0
	}
	c.rest = c.rest[size:]
	return n
}

func (c *cutter) varint() int64 {
	n := c.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (c *cutter) sized() string { return c.bytes(c.uvarint()) }
