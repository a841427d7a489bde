package services_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/traceql"
)

func TestTracesAreLaidOverEachOtherByTheirOperations(t *testing.T) {
	w := newWorld(t, func(w *world) {
		at := w.now.UnixNano()
		for i := range byte(3) {
			id := model.TraceID{15: 100 + i}
			root := w.span("shop", model.Span{TraceID: id, Name: "order", Start: at, Duration: 100 * ms})
			pay := w.span("payment", model.Span{TraceID: id, ParentID: root.SpanID, Name: "charge", Start: at + 10*ms, Duration: 60 * ms, Status: model.StatusError})
			// Two at once: of the parent 30 ms are taken, not 50.
			w.span("db", model.Span{TraceID: id, ParentID: pay.SpanID, Name: "query", Start: at + 20*ms, Duration: 20 * ms})
			w.span("db", model.Span{TraceID: id, ParentID: pay.SpanID, Name: "query", Start: at + 20*ms, Duration: 30 * ms})
			if i == 0 {
				w.span("mail", model.Span{TraceID: id, ParentID: root.SpanID, Name: "send", Start: at + 80*ms, Duration: 10 * ms})
				w.span("mail", model.Span{TraceID: id, ParentID: model.SpanID{0: 9}, Name: "send", Start: at + 80*ms, Duration: 10 * ms})
			}
		}
		w.span("other", model.Span{TraceID: model.TraceID{15: 200}, Name: "alone", Start: at, Duration: ms})
	})
	structure := func(query string, limit int) (*services.Structure, []string) {
		q, err := traceql.Parse(query)
		require.NoError(t, err)
		s, err := w.Structure(t.Context(), w.within(), q, limit)
		require.NoError(t, err)
		var lines []string
		for _, p := range s.Paths {
			way := p.Service + " " + p.Name
			for up := p.Parent; up >= 0; up = s.Paths[up].Parent {
				way = s.Paths[up].Service + " " + s.Paths[up].Name + " > " + way
			}
			lines = append(lines, fmt.Sprintf("%s: %d traces, %d spans, %d errors, %dms, self %dms", way, p.Traces, p.Spans, p.Errors, p.Total/ms, p.Self/ms))
		}
		slices.Sort(lines)
		return s, lines
	}
	s, lines := structure(`{ resource.service.name = "payment" }`, 10)
	require.Equal(t, 3, s.Traces)
	require.False(t, s.More)
	require.Zero(t, s.Omitted)
	require.Equal(t, []string{
		"mail send: 1 traces, 1 spans, 0 errors, 10ms, self 10ms", // its parent is missing
		"shop order > mail send: 1 traces, 1 spans, 0 errors, 10ms, self 10ms",
		"shop order > payment charge > db query: 3 traces, 6 spans, 0 errors, 150ms, self 150ms",
		"shop order > payment charge: 3 traces, 3 spans, 3 errors, 180ms, self 90ms",
		"shop order: 3 traces, 3 spans, 0 errors, 300ms, self 110ms",
	}, lines)
	s, _ = structure(`{ resource.service.name = "payment" }`, 2)
	require.Equal(t, 2, s.Traces)
	require.True(t, s.More)
	s, lines = structure(`{ name = "nothing" }`, 10)
	require.Zero(t, s.Traces)
	require.Empty(t, lines)
}

func TestTheStructureOfTracesWithTooManyNamesIsCut(t *testing.T) {
	const spans = 2500
	w := newWorld(t, func(w *world) {
		root := w.span("shop", model.Span{TraceID: model.TraceID{15: 1}, Name: "order", Duration: ms})
		for i := range spans {
			w.span("shop", model.Span{TraceID: root.TraceID, ParentID: root.SpanID, Name: "GET /" + string(rune('a'+i%26)) + string(rune('A'+i/26)), Duration: ms})
		}
	})
	q, err := traceql.Parse(`{ name = "order" }`)
	require.NoError(t, err)
	s, err := w.Structure(t.Context(), w.within(), q, 1)
	require.NoError(t, err)
	require.Len(t, s.Paths, 2000)
	require.Equal(t, spans+1-2000, s.Omitted)
}
