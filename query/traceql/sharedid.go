package traceql

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/oriel-obs/oriel/model"
)

// SpanIDs are the ids under which an answer shows spans, where they are not
// the spans' own. Zipkin's server and client share an id, which readers of
// OpenTelemetry's and Jaeger's formats do not expect.
type SpanIDs map[*Span]model.SpanID

// SeparateIDs gives every server's span that shares its id with its client's
// an id of its own, the same at each call.
func (t *Trace) SeparateIDs() SpanIDs {
	ids := SpanIDs{}
	for _, s := range t.Spans {
		if s.parent == nil || s.parent.SpanID != s.SpanID {
			continue
		}
		h := fnv.New64a()
		h.Write(s.SpanID[:])
		h.Write([]byte("server"))
		var id model.SpanID
		binary.BigEndian.PutUint64(id[:], h.Sum64())
		ids[s] = id
	}
	return ids
}

// Of returns the ids to show of a span and of its parent. The parent's is
// kept even if no such span is known.
func (ids SpanIDs) Of(s *Span) (id, parent model.SpanID) {
	id, parent = s.SpanID, s.ParentID
	if own, ok := ids[s]; ok {
		id = own
	}
	if s.parent != nil {
		parent = s.parent.SpanID
		if own, ok := ids[s.parent]; ok {
			parent = own
		}
	}
	return id, parent
}
