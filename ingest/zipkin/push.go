package zipkin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	zipkinmodel "github.com/openzipkin/zipkin-go/model"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Tags that mean more than their text.
const (
	tagService    = "service.name"
	tagStatusCode = "otel.status_code"
	startAbsent   = "otel.zipkin.absentField.startTime" // as OpenTelemetry's collector remembers it
)

// A push is one request.
type push struct {
	now     time.Time
	limits  ingest.Limits
	spans   []*whole // of version 2
	byID    map[partKey]*whole
	traces  ptrace.Traces // all that is translated
	refused otelmodel.Refusals
}

// maxMalformed is how many spans may be beyond reading before the request is
// taken for something else: each costs more than the few bytes that it may have.
const maxMalformed = 10_000

// malformed counts a span that cannot be read. An error means that there were
// too many.
func (p *push) malformed(err error) error {
	p.refused.Add(ingest.ReasonMalformed, 1, "%v", err)
	if n := p.refused.Rows(); n > maxMalformed {
		return fmt.Errorf("more than %d spans cannot be read, the first: %s: %w", maxMalformed, p.refused[0].Example, fault.ErrInvalid)
	}
	return nil
}

// crowded reports whether n attributes are too many, and counts the span as
// refused then. It is asked before the translators, whose work grows with the
// square of the number.
func (p *push) crowded(n int) bool {
	if p.limits.MaxAttrs == 0 || n <= p.limits.MaxAttrs {
		return false
	}
	p.refused.Add(ingest.ReasonLabels, 1, "span has %d tags or attributes, limit %d", n, p.limits.MaxAttrs)
	return true
}

// translate moves the spans of version 2 to p.traces.
func (p *push) translate() error {
	for _, w := range p.spans {
		if p.crowded(mostAttributes(w.SpanModel)) {
			continue
		}
		if err := p.span(w.SpanModel); err != nil {
			if err := p.malformed(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostAttributes returns how many tags s has or, if that is more, how many
// attributes one of its links or events may have.
func mostAttributes(s *zipkinmodel.SpanModel) int {
	most := len(s.Tags)
	for key, value := range s.Tags {
		if strings.HasPrefix(key, "otlp.link.") {
			most = max(most, 1+strings.Count(value, ","))
		}
	}
	for _, a := range s.Annotations {
		if strings.Contains(a.Value, "|") {
			most = max(most, 1+strings.Count(a.Value, ","))
		}
	}
	return most
}

func (p *push) span(s *zipkinmodel.SpanModel) error {
	absent := s.Timestamp.IsZero()
	if absent {
		s.Timestamp = p.begin(s)
	}
	if s.LocalEndpoint == nil {
		s.LocalEndpoint = &zipkinmodel.Endpoint{}
	}
	if s.LocalEndpoint.ServiceName == "" {
		s.LocalEndpoint.ServiceName = ingest.UnknownService
		if name := s.Tags[tagService]; name != "" {
			s.LocalEndpoint.ServiceName = name
		}
	}
	switch s.Tags[tagStatusCode] { // the translator knows OpenTelemetry's older spelling only
	case "OK":
		s.Tags[tagStatusCode] = "Ok"
	case "ERROR":
		s.Tags[tagStatusCode] = "Error"
	}
	plain := plainAnnotations(s)
	td, err := zipkinv2.ToTranslator{}.ToTraces([]*zipkinmodel.SpanModel{s})
	if err != nil {
		return err
	}
	out := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	settleNames(out.Attributes())
	if absent {
		out.Attributes().PutBool(startAbsent, true)
	}
	for _, a := range plain {
		e := out.Events().AppendEmpty()
		e.SetName(a.Value)
		e.SetTimestamp(pcommon.NewTimestampFromTime(a.Timestamp))
	}
	td.ResourceSpans().MoveAndAppendTo(p.traces.ResourceSpans())
	return nil
}

// settledNames are the names of attributes that queries, dashboards and service
// graphs know, by the newer ones that the translator gives.
var settledNames = map[string]string{
	"service.peer.name":         "peer.service",
	"network.peer.address":      "net.peer.ip",
	"network.local.address":     "net.host.ip",
	"http.response.status_code": "http.status_code",
}

func settleNames(attrs pcommon.Map) {
	for name, settled := range settledNames {
		v, ok := attrs.Get(name)
		if !ok {
			continue
		}
		if _, taken := attrs.Get(settled); !taken {
			text := v.AsString()
			attrs.Remove(name)
			attrs.PutStr(settled, text)
		}
	}
}

// begin returns when a span without a timestamp began: at its earliest
// annotation, or now.
func (p *push) begin(s *zipkinmodel.SpanModel) time.Time {
	if len(s.Annotations) == 0 {
		return p.now
	}
	first := slices.MinFunc(s.Annotations, func(a, b zipkinmodel.Annotation) int { return a.Timestamp.Compare(b.Timestamp) })
	return first.Timestamp
}

// plainAnnotations takes the annotations out of s that look like
// OpenTelemetry's events, name|{attributes}|dropped, and are none: the
// translator would refuse the span for them.
func plainAnnotations(s *zipkinmodel.SpanModel) []zipkinmodel.Annotation {
	var plain []zipkinmodel.Annotation
	s.Annotations = slices.DeleteFunc(s.Annotations, func(a zipkinmodel.Annotation) bool {
		first, last := strings.Index(a.Value, "|"), strings.LastIndex(a.Value, "|")
		if first == last { // at most one: the translator takes the name before it
			if first >= 0 {
				plain = append(plain, a)
			}
			return first >= 0
		}
		var attrs map[string]any
		_, err := strconv.ParseUint(a.Value[last+1:], 10, 32)
		if err != nil || json.Unmarshal([]byte(a.Value[first+1:last]), &attrs) != nil {
			plain = append(plain, a)
			return true
		}
		return false
	})
	return plain
}
