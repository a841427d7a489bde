package event

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/oriel-obs/oriel/model"
)

// granuleRows is the number of rows that are indexed and decoded together.
const granuleRows = 4096

// A head is the rows of one segment of the write-ahead log, in memory, in
// append order. It has one writer at a time; snapshots may be taken meanwhile.
type head struct {
	signal  model.Signal
	segment uint64
	seg     *segment // nil after replay
	file    string   // of the segment
	damaged bool     // the segment has lost rows, so it is worth keeping

	mu      sync.RWMutex // guards what follows
	chunks  []*chunk
	streams []*model.Stream
	known   map[string]uint32 // stream by canonical encoding
	perRow  []int64           // rows of each stream
	rows    int
	bytes   int64
	logged  int64            // bytes of the segment
	payers  map[string]int64 // bytes by whose they are, as far as that is known
	minTime int64
	maxTime int64
}

// A chunk is up to granuleRows rows of a head. Its Streams are those of the
// head. All but the last chunk of a head are immutable.
type chunk struct {
	batch   model.Batch
	columns map[string]int // index into batch.Attrs by key
	minTime int64
	maxTime int64
}

func newHead(sig model.Signal, number uint64) *head {
	return &head{signal: sig, segment: number, known: map[string]uint32{}}
}

// rowOverhead is about what a row takes in memory beside its strings.
const (
	rowOverhead   = 32
	spanOverhead  = 200
	valueOverhead = 36
	fewOverhead   = 44 // of values in columns that grow as they come
)

// columnBytes estimates what the values of a column of so many rows take.
func columnBytes(c *model.Column, rows int) int64 {
	n := len(c.Vals) * valueOverhead
	if len(c.Vals) < rows {
		n = len(c.Vals) * fewOverhead
	}
	var last *byte
	for _, v := range c.Vals {
		if s := v.Str(); unsafe.StringData(s) != last { // else it is the same text
			n += len(s)
			last = unsafe.StringData(s)
		}
	}
	return int64(n)
}

// batchBytes estimates the memory b's rows will take in a head.
func batchBytes(b *model.Batch) int64 {
	n := int64(b.Len() * rowOverhead)
	for _, s := range b.Body {
		n += int64(len(s))
	}
	for _, c := range b.Attrs {
		n += columnBytes(c, b.Len())
	}
	if s := b.Spans; s != nil {
		n += int64(b.Len() * spanOverhead)
		for i := range s.Events {
			n += int64(len(s.StatusMessage[i]) + len(s.TraceState[i]))
			for _, e := range s.Events[i] {
				n += int64(80+len(e.Name)) + attrBytes(e.Attrs)
			}
			for _, l := range s.Links[i] {
				n += int64(80+len(l.TraceState)) + attrBytes(l.Attrs)
			}
		}
	}
	return n
}

func attrBytes(attrs []model.Attr) (n int64) {
	for _, a := range attrs {
		n += int64(64 + len(a.Key) + len(a.Value.Str()))
	}
	return n
}

// append adds the rows of b, which the head keeps. size is batchBytes(b).
func (h *head) append(b *model.Batch, size int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	refs := make([]uint32, len(b.Streams))
	var scratch []byte
	for i, s := range b.Streams {
		scratch, _ = s.AppendBinary(scratch[:0])
		ref, ok := h.known[string(scratch)]
		if !ok {
			ref = uint32(len(h.streams))
			h.known[string(scratch)] = ref
			h.streams = append(h.streams, s)
			h.perRow = append(h.perRow, 0)
			h.bytes += int64(2*len(scratch)) + 200
		}
		refs[i] = ref
	}
	for _, s := range b.StreamOf {
		h.perRow[refs[s]]++
	}
	for lo := 0; lo < b.Len(); {
		if len(h.chunks) == 0 || h.chunks[len(h.chunks)-1].batch.Len() == granuleRows {
			h.chunks = append(h.chunks, newChunk(h.signal))
		}
		c := h.chunks[len(h.chunks)-1]
		hi := min(b.Len(), lo+granuleRows-c.batch.Len())
		c.append(b, lo, hi, refs)
		lo = hi
	}
	for _, t := range b.Time {
		if h.rows == 0 {
			h.minTime, h.maxTime = t, t
		}
		h.minTime, h.maxTime = min(h.minTime, t), max(h.maxTime, t)
		h.rows++
	}
	h.bytes += size
}

func newChunk(sig model.Signal) *chunk {
	c := &chunk{batch: model.Batch{Signal: sig}, columns: map[string]int{}}
	if sig == model.Spans {
		c.batch.Spans = &model.SpanColumns{}
	}
	return c
}

// append adds rows lo to hi of b; refs translates its stream references.
// Nothing below a snapshot's length is ever written again.
func (c *chunk) append(b *model.Batch, lo, hi int, refs []uint32) {
	d := &c.batch
	base := d.Len()
	for _, s := range b.StreamOf[lo:hi] {
		d.StreamOf = append(d.StreamOf, refs[s])
	}
	for i, t := range b.Time[lo:hi] {
		if base == 0 && i == 0 {
			c.minTime, c.maxTime = t, t
		}
		c.minTime, c.maxTime = min(c.minTime, t), max(c.maxTime, t)
	}
	d.Time = append(d.Time, b.Time[lo:hi]...)
	d.Body = append(d.Body, b.Body[lo:hi]...)
	if s, from := d.Spans, b.Spans; s != nil {
		s.TraceID = append(s.TraceID, from.TraceID[lo:hi]...)
		s.SpanID = append(s.SpanID, from.SpanID[lo:hi]...)
		s.ParentID = append(s.ParentID, from.ParentID[lo:hi]...)
		s.Kind = append(s.Kind, from.Kind[lo:hi]...)
		s.Status = append(s.Status, from.Status[lo:hi]...)
		s.StatusMessage = append(s.StatusMessage, from.StatusMessage[lo:hi]...)
		s.Duration = append(s.Duration, from.Duration[lo:hi]...)
		s.TraceState = append(s.TraceState, from.TraceState[lo:hi]...)
		s.Flags = append(s.Flags, from.Flags[lo:hi]...)
		s.Events = append(s.Events, from.Events[lo:hi]...)
		s.Links = append(s.Links, from.Links[lo:hi]...)
		s.DroppedAttrs = append(s.DroppedAttrs, from.DroppedAttrs[lo:hi]...)
		s.DroppedEvents = append(s.DroppedEvents, from.DroppedEvents[lo:hi]...)
		s.DroppedLinks = append(s.DroppedLinks, from.DroppedLinks[lo:hi]...)
	}
	for _, from := range b.Attrs {
		c.appendColumn(from, lo, hi, base)
	}
}

func (c *chunk) appendColumn(from *model.Column, lo, hi, base int) {
	jlo, jhi := lo, hi
	if from.Rows != nil {
		jlo, _ = slices.BinarySearch(from.Rows, uint32(lo))
		jhi, _ = slices.BinarySearch(from.Rows, uint32(hi))
	}
	if jlo == jhi {
		return
	}
	at, ok := c.columns[from.Key]
	if !ok {
		at = len(c.batch.Attrs)
		c.columns[from.Key] = at
		room := 0
		if jhi-jlo == hi-lo { // what all of these rows have, those to come have as a rule
			room = granuleRows
		}
		c.batch.Attrs = append(c.batch.Attrs, newColumn(from.Key, room))
	}
	col := c.batch.Attrs[at]
	for j := jlo; j < jhi; j++ {
		v := from.Vals[j]
		if v.IsNone() {
			continue
		}
		row := j
		if from.Rows != nil {
			row = int(from.Rows[j])
		}
		col.Rows = append(col.Rows, uint32(row-lo+base))
		col.Vals = append(col.Vals, v)
	}
}

// A headView is a snapshot of a head.
type headView struct {
	segment uint64
	streams []*model.Stream
	perRow  []int64
	chunks  []*chunk
	rows    int
	minTime int64
	maxTime int64
}

// view returns a snapshot. It costs as much as the last chunk has columns.
func (h *head) view() headView {
	h.mu.RLock()
	defer h.mu.RUnlock()
	v := headView{
		segment: h.segment, streams: h.streams[:len(h.streams):len(h.streams)], perRow: slices.Clone(h.perRow),
		chunks: slices.Clone(h.chunks), rows: h.rows, minTime: h.minTime, maxTime: h.maxTime,
	}
	if n := len(v.chunks); n > 0 {
		v.chunks[n-1] = v.chunks[n-1].view()
	}
	return v
}

func (c *chunk) view() *chunk {
	v := &chunk{batch: c.batch, minTime: c.minTime, maxTime: c.maxTime}
	v.batch.Attrs = make([]*model.Column, len(c.batch.Attrs))
	columns := make([]model.Column, len(c.batch.Attrs))
	for i, col := range c.batch.Attrs {
		columns[i] = *col
		v.batch.Attrs[i] = &columns[i]
	}
	if c.batch.Spans != nil {
		s := *c.batch.Spans
		v.batch.Spans = &s
	}
	return v
}

// size returns rows and bytes of memory.
func (h *head) size() (rows int, bytes int64) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rows, h.bytes
}

// setLogged notes the size of the head's segment.
func (h *head) setLogged(n int64) {
	h.mu.Lock()
	h.logged = n
	h.mu.Unlock()
}
