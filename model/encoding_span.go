package model

import "encoding/binary"

// AppendEvents appends a count and then of each event its time less start (a
// varint), name, attributes and number of dropped attributes.
func AppendEvents(b []byte, start int64, events []Event) []byte {
	b = binary.AppendUvarint(b, uint64(len(events)))
	for i := range events {
		e := &events[i]
		b = binary.AppendVarint(b, e.Time-start)
		b = appendString(b, e.Name)
		b = AppendAttrs(b, e.Attrs)
		b = binary.AppendUvarint(b, uint64(e.DroppedAttrs))
	}
	return b
}

// CutEvents decodes what AppendEvents wrote for a span that began at start and
// returns the rest of b. The events refer to b's bytes.
func CutEvents(b string, start int64) (events []Event, rest string, err error) {
	d := decoder{rest: b}
	n := d.uvarint()
	if n > uint64(len(d.rest)/4) { // four numbers of at least a byte each
		d.fail()
	}
	if d.err == nil && n > 0 {
		events = make([]Event, 0, n)
		for range n {
			u := d.uvarint()
			e := Event{Time: start + int64(u>>1^-(u&1)), Name: d.string(), Attrs: d.attrs(), DroppedAttrs: uint32(d.uvarint())}
			if d.err != nil {
				return nil, "", d.err
			}
			events = append(events, e)
		}
	}
	return events, d.rest, d.err
}

// AppendLinks appends a count and then of each link both ids, trace state,
// attributes, number of dropped attributes and flags.
func AppendLinks(b []byte, links []Link) []byte {
	b = binary.AppendUvarint(b, uint64(len(links)))
	for i := range links {
		l := &links[i]
		b = append(b, l.TraceID[:]...)
		b = append(b, l.SpanID[:]...)
		b = appendString(b, l.TraceState)
		b = AppendAttrs(b, l.Attrs)
		b = binary.AppendUvarint(b, uint64(l.DroppedAttrs))
		b = binary.AppendUvarint(b, uint64(l.Flags))
	}
	return b
}

// CutLinks decodes what AppendLinks wrote and returns the rest of b. The links
// refer to b's bytes.
func CutLinks(b string) (links []Link, rest string, err error) {
	d := decoder{rest: b}
	n := d.uvarint()
	if n > uint64(len(d.rest)/28) { // two ids and four numbers
		d.fail()
	}
	if d.err == nil && n > 0 {
		links = make([]Link, 0, n)
		for range n {
			var l Link
			copy(l.TraceID[:], d.bytes(16))
			copy(l.SpanID[:], d.bytes(8))
			l.TraceState, l.Attrs = d.string(), d.attrs()
			l.DroppedAttrs, l.Flags = uint32(d.uvarint()), uint32(d.uvarint())
			if d.err != nil {
				return nil, "", d.err
			}
			links = append(links, l)
		}
	}
	return links, d.rest, d.err
}
