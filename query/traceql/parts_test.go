package traceql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// part is a span of trace 1 with id 7 and attributes of its own, as one of
// several requests brings it.
type part struct {
	service string
	span    model.Span
	attrs   []model.Attr // sorted by key
}

func uniteParts(t *testing.T, parts ...part) []*traceql.Span {
	t.Helper()
	var traces []*traceql.Trace
	bd := model.NewBuilder(model.Spans, len(parts))
	for _, p := range parts {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(p.service)}}})
		s := spanAt(1, 7, 0, 0)
		p.span.TraceID, p.span.SpanID = s.TraceID, s.SpanID
		bd.Span(st, p.span)
		for _, a := range p.attrs {
			bd.Attr(a.Key, a.Value)
		}
	}
	traces = traceql.Assemble(bd.Batch())
	require.Len(t, traces, 1)
	return traces[0].Spans
}

func text(key, v string) model.Attr { return model.Attr{Key: key, Value: model.String(v)} }

var noStart = model.Attr{Key: "otel.zipkin.absentField.startTime", Value: model.Bool(true)}

func TestPartsOfASpanAreOneSpan(t *testing.T) {
	const ms = int64(time.Millisecond)
	begun := part{
		service: "front",
		span:    model.Span{Name: "get", Kind: model.SpanClient, Start: 100 * ms, Events: []model.Event{{Time: 101 * ms, Name: "sent"}}},
		attrs:   []model.Attr{text("a", "1"), text("b", "1")},
	}
	ended := part{
		service: "front",
		span:    model.Span{Start: 90 * ms, Duration: 20 * ms, Status: model.StatusError, StatusMessage: "late", Events: []model.Event{{Time: 119 * ms, Name: "done"}}},
		attrs:   []model.Attr{text("b", "2"), text("c", "2"), noStart},
	}
	for name, parts := range map[string][]part{"begun first": {begun, ended}, "ended first": {ended, begun}, "one of them twice": {ended, begun, ended}} {
		t.Run(name, func(t *testing.T) {
			got := uniteParts(t, parts...)
			require.Len(t, got, 1)
			s := got[0]
			require.Equal(t, []any{"get", model.SpanClient, model.StatusError, "late"}, []any{s.Name, s.Kind, s.Status, s.StatusMessage})
			require.Equal(t, []int64{100 * ms, 20 * ms}, []int64{s.Start, s.Duration}, "a start that was sent counts before one that was guessed")
			require.Equal(t, []model.Attr{text("a", "1"), text("b", "1"), text("c", "2")}, s.Attrs)
			require.Equal(t, []model.Event{{Time: 101 * ms, Name: "sent"}, {Time: 119 * ms, Name: "done"}}, s.Events)
		})
	}
}

func TestPartsWithStartsBeginWithTheEarlier(t *testing.T) {
	got := uniteParts(t,
		part{service: "unknown_service", span: model.Span{Start: 30, Duration: 5}},
		part{service: "front", span: model.Span{Start: 20, Duration: 9, Links: []model.Link{{Flags: 1}}}},
	)
	require.Len(t, got, 1)
	require.Equal(t, []int64{20, 5}, []int64{got[0].Start, got[0].Duration})
	require.Equal(t, "front", got[0].Service())
	require.Len(t, got[0].Links, 1)
}

func TestClientAndServerWithPartsAreTwoSpans(t *testing.T) {
	got := uniteParts(t,
		part{service: "front", span: model.Span{Kind: model.SpanClient, Start: 10, Duration: 9}},
		part{service: "back", span: model.Span{Kind: model.SpanServer, Start: 11, Duration: 7}},
		part{service: "back", span: model.Span{Start: 12}, attrs: []model.Attr{text("k", "v")}},
		part{service: "front", span: model.Span{Start: 13}, attrs: []model.Attr{text("k", "w")}},
	)
	require.Len(t, got, 2)
	require.Equal(t, []string{"w", "v"}, []string{got[0].Attrs[0].Value.Str(), got[1].Attrs[0].Value.Str()})
	require.Same(t, got[0], got[1].Parent())
}

func TestSpansOfOtherServicesAreNotUnited(t *testing.T) {
	got := uniteParts(t,
		part{service: "front", span: model.Span{Kind: model.SpanServer, Start: 10}, attrs: []model.Attr{text("a", "1")}},
		part{service: "back", span: model.Span{Kind: model.SpanServer, Start: 11}, attrs: []model.Attr{text("b", "1")}},
	)
	require.Len(t, got, 1, "of equal id and kind the first by time counts")
	require.Equal(t, []model.Attr{text("a", "1")}, got[0].Attrs)
}
