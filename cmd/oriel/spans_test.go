package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestSpansOfEveryShape holds the real binary to the rules of docs/spans.md.
func TestSpansOfEveryShape(t *testing.T) {
	s := &spanServer{startKilled(t, ""), time.Now().Add(-time.Minute)}
	for _, tt := range []struct {
		name string
		test func(t *testing.T, s *spanServer)
	}{
		{"a trace of 100k spans opens and is found", openLargeTrace},
		{"a span that is sent twice is there once", sendTwice},
		{"spans come late and in any order", sendLate},
		{"a trace needs no root", sendOrphans},
		{"times are kept as sent, whatever the clocks", sendSkewed},
		{"an attribute of 64 KiB is kept whole", sendLongAttribute},
		{"a span without ids is refused alone", sendWrongIDs},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, s) })
	}
}

type spanServer struct {
	*killed
	base time.Time
}

func traceNumber(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 8), n) }

func spanNumber(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// span returns number n of a trace, which takes a second; parent 0 is none.
func (s *spanServer) span(trace uint64, n, parent int) *tracepb.Span {
	start := s.base.Add(time.Duration(n) * time.Microsecond)
	sp := &tracepb.Span{
		TraceId: traceNumber(trace), SpanId: spanNumber(n), Name: fmt.Sprint("span ", n),
		StartTimeUnixNano: uint64(start.UnixNano()), EndTimeUnixNano: uint64(start.Add(time.Second).UnixNano()),
		Attributes: []*commonpb.KeyValue{{Key: "seq", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(n)}}}},
	}
	if parent > 0 {
		sp.ParentSpanId = spanNumber(parent)
	}
	return sp
}

// send stores spans and returns how many were refused.
func (s *spanServer) send(t *testing.T, spans ...*tracepb.Span) int64 {
	t.Helper()
	service := &commonpb.KeyValue{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "shop"}}}
	body, err := proto.Marshal(&collectorpb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{service}},
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
	}}})
	require.NoError(t, err)
	resp, err := http.Post("http://"+s.addr+"/v1/traces", "application/x-protobuf", strings.NewReader(string(body)))
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode, "%s", answer)
	var reply collectorpb.ExportTraceServiceResponse
	require.NoError(t, proto.Unmarshal(answer, &reply))
	return reply.GetPartialSuccess().GetRejectedSpans()
}

// open returns the spans of a trace by name.
func (s *spanServer) open(t *testing.T, trace uint64) map[string]*tracepb.Span {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/tempo/api/traces/%x", s.addr, traceNumber(trace)), nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "application/protobuf")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode, "%.500s", body)
	var td tracepb.TracesData
	require.NoError(t, proto.Unmarshal(body, &td))
	spans := map[string]*tracepb.Span{}
	for _, rs := range td.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, sp := range ss.Spans {
				if spans[sp.Name] != nil {
					t.Fatalf("span %q is there twice", sp.Name)
				}
				spans[sp.Name] = sp
			}
		}
	}
	return spans
}

type foundTrace struct {
	RootServiceName string `json:"rootServiceName"`
	RootTraceName   string `json:"rootTraceName"`
}

func (s *spanServer) search(t *testing.T, traceql string) []foundTrace {
	t.Helper()
	text, err := get("http://" + s.addr + "/tempo/api/search?" + url.Values{
		"q": {traceql}, "start": {fmt.Sprint(s.base.Add(-4 * time.Hour).Unix())}, "end": {fmt.Sprint(time.Now().Add(time.Minute).Unix())},
	}.Encode())
	require.NoError(t, err)
	var found struct {
		Traces []foundTrace `json:"traces"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &found))
	return found.Traces
}

func openLargeTrace(t *testing.T, s *spanServer) {
	const spans, batch = 100_000, 1000
	batches := make([][]*tracepb.Span, 0, spans/batch)
	for n := 1; n <= spans; n += batch {
		var b []*tracepb.Span
		for i := n; i < n+batch; i++ {
			parent := 0
			if i > 1 {
				parent = max(i/10, 1) // ten children each
			}
			b = append(b, s.span(1, i, parent))
		}
		batches = append(batches, b)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	for _, b := range batches {
		require.Zero(t, s.send(t, b...))
	}
	began := time.Now()
	got := s.open(t, 1) // and reads all of it
	t.Logf("%d spans opened in %v", spans, time.Since(began))
	require.Len(t, got, spans)
	require.Equal(t, spanNumber(7777), got["span 77777"].ParentSpanId)

	began = time.Now()
	for _, q := range []string{`{ span.seq = 77777 }`, `{ name = "span 7777" } > { name = "span 77777" }`} {
		found := s.search(t, q)
		require.Len(t, found, 1, q)
		require.Equal(t, "span 1", found[0].RootTraceName)
	}
	t.Logf("found in %v", time.Since(began))
}

func sendTwice(t *testing.T, s *spanServer) {
	root, child := s.span(2, 1, 0), s.span(2, 2, 1)
	require.Zero(t, s.send(t, root, child, root))
	require.Zero(t, s.send(t, child))
	require.Len(t, s.open(t, 2), 2)
}

func sendLate(t *testing.T, s *spanServer) {
	grandchild, child, root := s.span(3, 3, 2), s.span(3, 2, 1), s.span(3, 1, 0)
	root.StartTimeUnixNano = uint64(s.base.Add(-3 * time.Minute).UnixNano()) // it went on for minutes, and was sent at its end
	require.Zero(t, s.send(t, grandchild))
	require.Zero(t, s.send(t, child))
	require.Len(t, s.open(t, 3), 2)
	require.Zero(t, s.send(t, root))
	require.Len(t, s.open(t, 3), 3)
	found := s.search(t, `{ name = "span 1" } >> { name = "span 3" && trace:id = "`+fmt.Sprintf("%x", traceNumber(3))+`" }`)
	require.Len(t, found, 1)
	require.Equal(t, "span 1", found[0].RootTraceName)
}

func sendOrphans(t *testing.T, s *spanServer) {
	require.Zero(t, s.send(t, s.span(4, 21, 20), s.span(4, 22, 20)))
	require.Len(t, s.open(t, 4), 2)
	found := s.search(t, `{ name = "span 21" && trace:id = "`+fmt.Sprintf("%x", traceNumber(4))+`" }`)
	require.Len(t, found, 1)
	require.Equal(t, "<root span not yet received>", found[0].RootServiceName)
}

func sendSkewed(t *testing.T, s *spanServer) {
	parent, child := s.span(5, 1, 0), s.span(5, 2, 1)
	child.StartTimeUnixNano = parent.StartTimeUnixNano - uint64(5*time.Second)
	child.EndTimeUnixNano = child.StartTimeUnixNano - 1
	require.Zero(t, s.send(t, parent, child))
	got := s.open(t, 5)["span 2"]
	require.Equal(t, child.StartTimeUnixNano, got.StartTimeUnixNano)
	require.Equal(t, child.StartTimeUnixNano, got.EndTimeUnixNano, "what ends before it starts takes no time")
}

func sendLongAttribute(t *testing.T, s *spanServer) {
	long := strings.Repeat("select 1; ", 64<<10/10)
	sp := s.span(6, 1, 0)
	sp.Attributes = append(sp.Attributes, &commonpb.KeyValue{Key: "db.statement", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: long}}})
	require.Zero(t, s.send(t, sp))
	require.Equal(t, long, s.open(t, 6)["span 1"].Attributes[0].Value.GetStringValue())
	require.Len(t, s.search(t, `{ span.db.statement =~ "(select 1; ){100}.*" }`), 1)
}

func sendWrongIDs(t *testing.T, s *spanServer) {
	none, short, long, badParent := s.span(7, 1, 0), s.span(7, 2, 0), s.span(7, 3, 0), s.span(7, 4, 0)
	none.SpanId = nil
	short.TraceId = []byte{1, 2, 3}
	long.SpanId = make([]byte, 9)
	badParent.ParentSpanId = []byte{1}
	require.EqualValues(t, 3, s.send(t, none, short, long, badParent, s.span(7, 5, 4)))
	got := s.open(t, 7)
	require.Len(t, got, 2)
	require.Empty(t, got["span 4"].ParentSpanId, "it is a root then")
}
