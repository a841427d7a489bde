package model

import "fmt"

// A Batch is Len() log records or spans in column order: row i is Time[i],
// Body[i], Stream(i), and the i-th value of every column. Terms follow the
// OpenTelemetry log and trace data models; the layout is a struct of arrays,
// so that a scan decodes only the columns a query names.
//
// A Batch has one owner. Passing it to a writer gives it away; a Batch yielded
// by a scan is valid until the iterator advances. Strings taken out of it stay
// valid: they are immutable, though they may keep a larger buffer alive.
//
// Rows are in no particular order in a Batch given to a writer.
type Batch struct {
	Signal Signal

	// Streams lists the streams that rows refer to; StreamOf[i] is row i's
	// index in it.
	Streams  []*Stream
	StreamOf []uint32

	Time []int64  // ns since the Unix epoch; of spans the start
	Body []string // log line, or span name; nil when a scan did not ask for it

	// Attrs are the rows' own attributes: log attributes (Loki's structured
	// metadata) or span attributes. Sorted by key in a Batch from a scan; no
	// two columns have one key.
	Attrs []*Column

	// Spans holds what only spans have; nil for logs.
	Spans *SpanColumns
}

// SpanColumns are the columns of spans beyond those of Batch. In a Batch from
// a scan, those not asked for are nil.
type SpanColumns struct {
	TraceID       []TraceID
	SpanID        []SpanID
	ParentID      []SpanID
	Kind          []SpanKind
	Status        []StatusCode
	StatusMessage []string
	Duration      []int64 // ns, never negative
	TraceState    []string
	Flags         []uint32
	Events        [][]Event
	Links         [][]Link
	DroppedAttrs  []uint32
	DroppedEvents []uint32
	DroppedLinks  []uint32
}

// A SpanKind is OpenTelemetry's Span.SpanKind, by its protocol number.
type SpanKind uint8

// The kinds of spans.
const (
	SpanUnspecified SpanKind = 0
	SpanInternal    SpanKind = 1
	SpanServer      SpanKind = 2
	SpanClient      SpanKind = 3
	SpanProducer    SpanKind = 4
	SpanConsumer    SpanKind = 5
)

// String returns the lower-case word TraceQL uses.
func (k SpanKind) String() string {
	switch k {
	case SpanInternal:
		return "internal"
	case SpanServer:
		return "server"
	case SpanClient:
		return "client"
	case SpanProducer:
		return "producer"
	case SpanConsumer:
		return "consumer"
	}
	return "unspecified"
}

// A StatusCode is OpenTelemetry's Status.StatusCode, by its protocol number.
type StatusCode uint8

// The status codes of spans.
const (
	StatusUnset StatusCode = 0
	StatusOK    StatusCode = 1
	StatusError StatusCode = 2
)

// String returns the lower-case word TraceQL uses.
func (c StatusCode) String() string {
	switch c {
	case StatusOK:
		return "ok"
	case StatusError:
		return "error"
	}
	return "unset"
}

// An Event is something that happened during a span.
type Event struct {
	Time         int64 // ns since the Unix epoch
	Name         string
	Attrs        []Attr // sorted by key
	DroppedAttrs uint32
}

// A Link points from a span to another.
type Link struct {
	TraceID      TraceID
	SpanID       SpanID
	TraceState   string
	Attrs        []Attr // sorted by key
	DroppedAttrs uint32
	Flags        uint32
}

// Len returns the number of rows.
func (b *Batch) Len() int { return len(b.Time) }

// Stream returns row i's stream.
func (b *Batch) Stream(i int) *Stream { return b.Streams[b.StreamOf[i]] }

// Attr returns the value of row i's own attribute key, or the zero Value.
func (b *Batch) Attr(i int, key string) Value {
	for _, c := range b.Attrs {
		if c.Key == key {
			return c.At(i)
		}
	}
	return Value{}
}

// Check returns an error if b's columns disagree in length or refer to streams
// that are not there. Writers call it once on batches from outside the package
// that built them.
func (b *Batch) Check() error {
	n := b.Len()
	if len(b.StreamOf) != n {
		return fmt.Errorf("batch of %d rows has %d stream references", n, len(b.StreamOf))
	}
	for i, s := range b.StreamOf {
		if int(s) >= len(b.Streams) {
			return fmt.Errorf("row %d refers to stream %d of %d", i, s, len(b.Streams))
		}
	}
	if len(b.Body) != n {
		return fmt.Errorf("batch of %d rows has %d bodies", n, len(b.Body))
	}
	if (b.Signal == Spans) != (b.Spans != nil) {
		return fmt.Errorf("batch of %v with span columns: %t", b.Signal, b.Spans != nil)
	}
	for _, c := range b.Attrs {
		if err := c.check(n); err != nil {
			return err
		}
	}
	if s := b.Spans; s != nil {
		for _, l := range []int{
			len(s.TraceID), len(s.SpanID), len(s.ParentID), len(s.Kind), len(s.Status), len(s.StatusMessage), len(s.Duration),
			len(s.TraceState), len(s.Flags), len(s.Events), len(s.Links), len(s.DroppedAttrs), len(s.DroppedEvents), len(s.DroppedLinks),
		} {
			if l != n {
				return fmt.Errorf("batch of %d rows has a span column of %d", n, l)
			}
		}
	}
	return nil
}
