package spanmetrics

import (
	"math/bits"

	"github.com/oriel-obs/oriel/model"
)

// spanSizes appends what each span of b takes as an OTLP Span message of the
// Collector: to the byte for attributes that are no lists or maps, which are
// stored as JSON and count as such.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
func spanSizes(sizes []uint32, b *model.Batch) []uint32 {
	sp := b.Spans
	for i := range b.Len() {
		n := 18 + 10 + 2 // ids; of the parent the tag and length, also without one
		if !sp.ParentID[i].IsZero() {
			n += 8
		}
		n += text(1, sp.TraceState[i]) + text(1, b.Body[i])
		if sp.Kind[i] != 0 {
			n += 2
		}
		n += 9 + 9 // start and end
		if sp.Flags[i] != 0 {
			n += 6 // field 16
		}
		if len(sp.Events[i]) > 0 || len(sp.Links[i]) > 0 {
			n += eventSizes(sp.Events[i]) + linkSizes(sp.Links[i])
		}
		n += number(sp.DroppedAttrs[i]) + number(sp.DroppedEvents[i]) + number(sp.DroppedLinks[i])
		status := text(1, sp.StatusMessage[i])
		if sp.Status[i] != 0 {
			status += 2
		}
		n += nested(status)
		sizes = append(sizes, uint32(n))
	}
	for _, c := range b.Attrs {
		if c.Rows == nil {
			for i, v := range c.Vals {
				sizes[i] += uint32(attrSize(c.Key, v))
			}
			continue
		}
		for j, i := range c.Rows {
			sizes[i] += uint32(attrSize(c.Key, c.Vals[j]))
		}
	}
	return sizes
}

func eventSizes(events []model.Event) (n int) {
	for _, e := range events {
		size := 9 + text(1, e.Name) + number(e.DroppedAttrs)
		for _, a := range e.Attrs {
			size += attrSize(a.Key, a.Value)
		}
		n += nested(size)
	}
	return n
}

func linkSizes(links []model.Link) (n int) {
	for _, l := range links {
		size := 18 + 10 + text(1, l.TraceState) + number(l.DroppedAttrs)
		if l.Flags != 0 {
			size += 5
		}
		for _, a := range l.Attrs {
			size += attrSize(a.Key, a.Value)
		}
		n += nested(size)
	}
	return n
}

// attrSize is that of a KeyValue in a field below 16.
func attrSize(key string, v model.Value) int {
	var value int
	switch v.Kind() {
	case model.KindNone:
	case model.KindBool:
		value = 2
	case model.KindInt:
		value = 1 + varint(uint64(v.Int64()))
	case model.KindFloat:
		value = 9
	default:
		value = nested(len(v.Str()))
	}
	return nested(text(1, key) + nested(value))
}

// text is the size of a string field with a tag of so many bytes; empty ones
// are left out.
func text(tag int, s string) int {
	if s == "" {
		return 0
	}
	return tag + varint(uint64(len(s))) + len(s)
}

// number is the size of a small unsigned field; 0 is left out.
func number(v uint32) int {
	if v == 0 {
		return 0
	}
	return 1 + varint(uint64(v))
}

// nested is the size of a message of n bytes in a field below 16.
func nested(n int) int { return 1 + varint(uint64(n)) + n }

func varint(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
