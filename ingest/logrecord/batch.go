package logrecord

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
)

// A Record is one log record on its way in. Its strings are kept as they are;
// the slices are only read.
type Record struct {
	Time     int64        // ns since the Unix epoch; 0 is the time of arrival
	Body     string       // the line
	Labels   []model.Attr // of the stream: strings, in any order; empty values count as absent
	Attrs    []model.Attr // of the row; of equal keys the last wins
	Severity int          // OpenTelemetry's severity number; 0 is unknown
	Bare     bool         // the document had no line, and Body is its own text
	Level    string       // as ingest.Level would say it, where the protocol knows; "" is to be found
}

// Reset empties r and keeps its room.
func (r *Record) Reset() {
	*r = Record{Labels: r.Labels[:0], Attrs: r.Attrs[:0]}
}

// Label adds a stream label.
func (r *Record) Label(name, value string) {
	if value != "" {
		r.Labels = append(r.Labels, model.Attr{Key: name, Value: model.String(value)})
	}
}

// Attr adds an attribute of the row; an empty value is the same as none.
func (r *Record) Attr(name, value string) {
	if value != "" {
		r.Attrs = append(r.Attrs, model.Attr{Key: name, Value: model.String(value)})
	}
}

// A Refusal says why a record is not taken.
type Refusal struct {
	Reason string // for the account
	Text   string // for the sender
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// Unwrap makes a refusal the sender's fault.
func (r *Refusal) Unwrap() error { return fault.ErrInvalid }

// Malformed refuses a record that does not decode.
func Malformed(format string, args ...any) *Refusal {
	return &Refusal{Reason: ingest.ReasonMalformed, Text: fmt.Sprintf(format, args...)}
}

// A Batch gathers the records of one request.
type Batch struct {
	sink    *Sink
	now     time.Time
	rows    *model.Builder
	streams map[string]stream // by the labels as they came
	key     []byte            // of the stream looked up last
	last    stream
	refused []group
}

// A stream is a label set that is known to the builder.
type stream struct {
	ref    uint32
	labels []model.Attr
}

// A group is the refusals of a Batch for one reason.
type group struct {
	Refusal
	rows int
}

// Len returns the number of records taken so far.
func (b *Batch) Len() int { return b.rows.Len() }

// Refused returns the number of records refused so far.
func (b *Batch) Refused() int {
	n := 0
	for _, g := range b.refused {
		n += g.rows
	}
	return n
}

// Refuse counts a record of this request that is not taken, and returns why.
func (b *Batch) Refuse(r *Refusal) *Refusal {
	for i := range b.refused {
		if b.refused[i].Reason == r.Reason {
			b.refused[i].rows++
			return r
		}
	}
	b.refused = append(b.refused, group{*r, 1})
	return r
}

// Add takes r, or counts it as refused and returns why.
func (b *Batch) Add(r *Record) *Refusal {
	l := &b.sink.Limits
	t := r.Time
	if t == 0 {
		t = b.now.UnixNano()
	} else if reason := l.CheckTime(t, b.now); reason != "" {
		return b.Refuse(&Refusal{reason, fmt.Sprintf("record of %s is outside the accepted range of times", time.Unix(0, t).UTC().Format(time.RFC3339Nano))})
	}
	if l.MaxLineBytes > 0 && len(r.Body) > l.MaxLineBytes {
		return b.Refuse(&Refusal{ingest.ReasonTooLarge, fmt.Sprintf("line of %d bytes, limit %d", len(r.Body), l.MaxLineBytes)})
	}
	if l.MaxAttrs > 0 && len(r.Attrs) > l.MaxAttrs {
		return b.Refuse(&Refusal{ingest.ReasonLabels, fmt.Sprintf("record has %d attributes, limit %d", len(r.Attrs), l.MaxAttrs)})
	}
	if n := attrBytes(r.Attrs); l.MaxAttrBytes > 0 && n > l.MaxAttrBytes {
		return b.Refuse(&Refusal{ingest.ReasonTooLarge, fmt.Sprintf("record has attributes of %d bytes, limit %d", n, l.MaxAttrBytes)})
	}
	s, refusal := b.stream(r.Labels)
	if refusal != nil {
		return b.Refuse(refusal)
	}
	body := mend(r.Body)
	b.rows.Row(s.ref, t, body)
	leveled := !b.sink.o.Config.DiscoverLevel
	for _, a := range r.Attrs {
		b.rows.Attr(mend(a.Key), mendValue(a.Value))
		leveled = leveled || a.Key == ingest.LevelAttr
	}
	if !leveled {
		level := r.Level
		if level == "" {
			level = ingest.Level(s.labels, r.Attrs, r.Severity, body)
		}
		b.rows.Attr(ingest.LevelAttr, model.String(level))
	}
	return nil
}

func attrBytes(attrs []model.Attr) int {
	n := 0
	for _, a := range attrs {
		n += len(a.Key) + len(a.Value.Str())
	}
	return n
}

// stream returns the stream of labels, which are as they came.
func (b *Batch) stream(labels []model.Attr) (stream, *Refusal) {
	start := len(b.key)
	for _, a := range labels {
		// 0xFF occurs in no UTF-8 text.
		b.key = append(b.key, a.Key...)
		b.key = append(b.key, 0xff)
		b.key = append(b.key, a.Value.Str()...)
		b.key = append(b.key, 0xff)
	}
	key := b.key[start:]
	if b.last.labels != nil && string(key) == string(b.key[:start]) {
		b.key = b.key[:start]
		return b.last, nil
	}
	b.key = append(b.key[:0], key...)
	s, ok := b.streams[string(b.key)]
	if !ok {
		var refusal *Refusal
		if s, refusal = b.newStream(labels); refusal != nil {
			b.last, b.key = stream{}, b.key[:0]
			return s, refusal
		}
		b.streams[string(b.key)] = s
	}
	b.last = s
	return s, nil
}

// newStream checks labels and adds what Oriel adds.
func (b *Batch) newStream(labels []model.Attr) (stream, *Refusal) {
	l := &b.sink.Limits
	attrs := make([]model.Attr, 0, len(labels)+1)
	for _, a := range labels {
		v := mend(a.Value.Str())
		if v == "" {
			continue
		}
		name := LabelName(a.Key)
		if l.MaxLabelNameBytes > 0 && len(name) > l.MaxLabelNameBytes {
			return stream{}, &Refusal{ingest.ReasonLabels, fmt.Sprintf("name of a stream label has %d bytes, limit %d", len(name), l.MaxLabelNameBytes)}
		}
		if l.MaxLabelValueBytes > 0 && len(v) > l.MaxLabelValueBytes {
			return stream{}, &Refusal{ingest.ReasonLabels, fmt.Sprintf("stream label %s has %d bytes, limit %d", name, len(v), l.MaxLabelValueBytes)}
		}
		// Clones: a stream outlives the request its text came in.
		attrs = append(attrs, model.Attr{Key: strings.Clone(name), Value: model.String(strings.Clone(v))})
	}
	attrs = model.SortAttrs(attrs)
	if l.MaxLabels > 0 && len(attrs) > l.MaxLabels {
		return stream{}, &Refusal{ingest.ReasonLabels, fmt.Sprintf("record has %d stream labels, limit %d", len(attrs), l.MaxLabels)}
	}
	if b.sink.o.Config.DiscoverServiceName && model.FindAttr(attrs, ingest.ServiceNameLabel).IsNone() {
		attrs = model.SortAttrs(append(attrs, model.Attr{Key: ingest.ServiceNameLabel, Value: model.String(ingest.ServiceName(attrs))}))
	}
	return stream{ref: b.rows.Stream(&model.Stream{Attrs: attrs}), labels: attrs}, nil
}

// LabelName spells name as the label of a stream: what a Loki label name cannot
// have is replaced by "_", and a leading digit gets one before it. An empty name
// is "_".
func LabelName(name string) string {
	ok := name != "" && !isDigit(name[0])
	for i := 0; ok && i < len(name); i++ {
		ok = isLabelByte(name[i])
	}
	if ok {
		return name
	}
	name = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && isLabelByte(byte(r)) {
			return r
		}
		return '_'
	}, name)
	if name == "" || isDigit(name[0]) {
		name = "_" + name
	}
	return name
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLabelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_'
}

// mend replaces what is not UTF-8 in s: a line with a bad byte is better than
// none.
func mend(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func mendValue(v model.Value) model.Value {
	if utf8.ValidString(v.Str()) {
		return v
	}
	switch v.Kind() {
	case model.KindString:
		return model.String(mend(v.Str()))
	case model.KindArray:
		return model.Array(mend(v.Str()))
	case model.KindMap:
		return model.Map(mend(v.Str()))
	}
	return v // bytes may be any
}
