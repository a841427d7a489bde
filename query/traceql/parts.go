package traceql

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// startAbsent is the attribute that Zipkin's spans without a timestamp get,
// https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/.
const startAbsent = "otel.zipkin.absentField.startTime"

// unknownService is the service of spans that name none.
const unknownService = "unknown_service"

// unite leaves one span of those with the same id and kind: a span that was sent
// twice, and one that its reporter sent in parts, as Zipkin's may, some of
// which have no kind. It reports whether there were any. Zipkin's client and
// server share an id, too, but not the kind.
func (t *Trace) unite(byID []int32) bool {
	var gone map[*Span]bool
	for from := 0; from < len(byID); {
		to := from + 1
		for to < len(byID) && t.Spans[byID[to]].SpanID == t.Spans[byID[from]].SpanID {
			to++
		}
		if to-from > 1 {
			if gone == nil {
				gone = map[*Span]bool{}
			}
			t.uniteGroup(byID[from:to], gone)
		}
		from = to
	}
	if len(gone) == 0 {
		return false
	}
	t.Spans = slices.DeleteFunc(t.Spans, func(s *Span) bool { return gone[s] })
	sortSpans(t.Spans)
	return true
}

// uniteGroup unites spans with one id, which are in order of time. Those whose
// start is known count before those whose reporter left it out.
func (t *Trace) uniteGroup(group []int32, gone map[*Span]bool) {
	slices.SortStableFunc(group, func(i, j int32) int {
		return cmp.Compare(rankOfPart(t.Spans[i]), rankOfPart(t.Spans[j]))
	})
	for n, i := range group {
		part := t.Spans[i]
		for _, j := range group[:n] {
			if whole := t.Spans[j]; !gone[whole] && whole.hasPart(part) {
				if whole.sameService(part) {
					whole.add(part)
				}
				gone[part] = true
				break
			}
		}
	}
}

// withStart adds what uniting parts takes.
func withStart(p *storage.Projection) *storage.Projection {
	out := *p
	if i, ok := slices.BinarySearch(out.Attrs, startAbsent); !ok {
		out.Attrs = slices.Insert(slices.Clone(out.Attrs), i, startAbsent)
	}
	return &out
}

// rankOfPart puts parts with a kind before those without, which belong to any,
// and those with a start before those without.
func rankOfPart(s *Span) int {
	rank := 0
	if s.Kind == model.SpanUnspecified {
		rank += 2
	}
	if s.startless() {
		rank++
	}
	return rank
}

func (s *Span) startless() bool { return model.FindAttr(s.Attrs, startAbsent).IsTrue() }

// hasPart reports whether a span of the same id is a part of s, or s again.
func (s *Span) hasPart(part *Span) bool {
	return s.Kind == part.Kind || part.Kind == model.SpanUnspecified && s.sameService(part)
}

func (s *Span) sameService(part *Span) bool {
	a, b := s.Service(), part.Service()
	return a == b || a == unknownService || b == unknownService
}

// add unites s with a part of it: what s lacks comes from the part, the earlier
// start and the shorter duration count, as where Zipkin's parts come in one
// request.
func (s *Span) add(part *Span) {
	if s.startless() == part.startless() {
		s.Start = min(s.Start, part.Start)
	}
	if s.Duration == 0 || part.Duration > 0 && part.Duration < s.Duration {
		s.Duration = part.Duration
	}
	if s.Name == "" {
		s.Name = part.Name
	}
	if s.ParentID.IsZero() {
		s.ParentID = part.ParentID
	}
	if s.Status == model.StatusUnset {
		s.Status = part.Status
	}
	s.StatusMessage, s.TraceState = cmp.Or(s.StatusMessage, part.StatusMessage), cmp.Or(s.TraceState, part.TraceState)
	s.Flags |= part.Flags
	if s.Service() == unknownService {
		s.Stream = part.Stream
	}
	known := len(s.Attrs)
	for _, a := range part.Attrs {
		if a.Key != startAbsent && model.FindAttr(s.Attrs[:known], a.Key).IsNone() {
			s.Attrs = append(s.Attrs, a)
		}
	}
	if len(s.Attrs) > known {
		slices.SortStableFunc(s.Attrs, func(x, y model.Attr) int { return cmp.Compare(x.Key, y.Key) })
	}
	for _, e := range part.Events {
		if !slices.ContainsFunc(s.Events, func(o model.Event) bool {
			return o.Time == e.Time && o.Name == e.Name && slices.Equal(o.Attrs, e.Attrs)
		}) {
			s.Events = append(s.Events, e)
		}
	}
	slices.SortStableFunc(s.Events, func(x, y model.Event) int { return cmp.Compare(x.Time, y.Time) })
	for _, l := range part.Links {
		if !slices.ContainsFunc(s.Links, func(o model.Link) bool { return o.TraceID == l.TraceID && o.SpanID == l.SpanID }) {
			s.Links = append(s.Links, l)
		}
	}
}
