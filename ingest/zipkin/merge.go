package zipkin

import (
	"maps"

	zipkinmodel "github.com/openzipkin/zipkin-go/model"
)

// A partKey is what parts of one span have in common. Client and server share
// an id, but are two spans.
type partKey struct {
	trace   zipkinmodel.TraceID
	id      zipkinmodel.ID
	shared  bool
	service string
}

// A whole is a span with all its parts so far.
type whole struct {
	*zipkinmodel.SpanModel
	annotations map[zipkinmodel.Annotation]bool // that it has; nil while there is one part
}

// add takes a span, or a part of one: reporters send a span that is begun in
// one place and ended in another in parts.
func (p *push) add(s *zipkinmodel.SpanModel) {
	key := partKey{trace: s.TraceID, id: s.ID, shared: s.Shared}
	if s.LocalEndpoint != nil {
		key.service = s.LocalEndpoint.ServiceName
	}
	if first := p.byID[key]; first != nil {
		first.merge(s)
		return
	}
	if p.byID == nil {
		p.byID = map[partKey]*whole{}
	}
	w := &whole{SpanModel: s}
	p.byID[key] = w
	p.spans = append(p.spans, w)
}

// merge unites the parts as Zipkin does: what the first lacks comes from the
// second, the earlier timestamp and the shorter duration win.
func (s *whole) merge(part *zipkinmodel.SpanModel) {
	if s.ParentID == nil {
		s.ParentID = part.ParentID
	}
	if s.Name == "" || s.Name == "unknown" {
		s.Name = part.Name
	}
	if s.Kind == "" || s.Kind == zipkinmodel.Undetermined {
		s.Kind = part.Kind
	}
	if s.Timestamp.IsZero() || !part.Timestamp.IsZero() && part.Timestamp.Before(s.Timestamp) {
		s.Timestamp = part.Timestamp
	}
	if s.Duration == 0 || part.Duration > 0 && part.Duration < s.Duration {
		s.Duration = part.Duration
	}
	s.LocalEndpoint = mergeEndpoints(s.LocalEndpoint, part.LocalEndpoint)
	s.RemoteEndpoint = mergeEndpoints(s.RemoteEndpoint, part.RemoteEndpoint)
	if s.annotations == nil {
		s.annotations = make(map[zipkinmodel.Annotation]bool, len(s.Annotations))
		for _, a := range s.Annotations {
			s.annotations[a] = true
		}
	}
	for _, a := range part.Annotations {
		if !s.annotations[a] {
			s.annotations[a] = true
			s.Annotations = append(s.Annotations, a)
		}
	}
	if s.Tags == nil {
		s.Tags = part.Tags
	} else {
		maps.Copy(s.Tags, part.Tags)
	}
	s.Debug = s.Debug || part.Debug
}

func mergeEndpoints(e, part *zipkinmodel.Endpoint) *zipkinmodel.Endpoint {
	if e == nil {
		return part
	}
	if part == nil {
		return e
	}
	if e.ServiceName == "" {
		e.ServiceName = part.ServiceName
	}
	if len(e.IPv4) == 0 {
		e.IPv4 = part.IPv4
	}
	if len(e.IPv6) == 0 {
		e.IPv6 = part.IPv6
	}
	if e.Port == 0 {
		e.Port = part.Port
	}
	return e
}
