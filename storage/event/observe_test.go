package event_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
)

func TestWhatAScanCostIsReturnedTracedAndCounted(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)).Tracer("test")
	reg := prometheus.NewRegistry()
	s, err := event.Open(config(t.TempDir(), nil), slog.New(slog.DiscardHandler), reg)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for _, body := range []string{"a needle", "some hay"} {
		bd := model.NewBuilder(model.Logs, 1)
		bd.Row(bd.Stream(&model.Stream{}), 1, body)
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
	}

	ctx, query := tracer.Start(t.Context(), "query")
	var stats storage.Stats
	where := storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: " needle"}
	for _, err := range s.Scan(ctx, storage.Scan{Signal: model.Logs, Range: model.AllTime(), Where: where, Stats: &stats}) {
		require.NoError(t, err)
	}
	query.End()

	require.EqualValues(t, 2, stats.Parts)
	require.EqualValues(t, 1, stats.Granules)
	require.EqualValues(t, 1, stats.GranulesPruned)
	require.EqualValues(t, 2, stats.IndexLookups)
	require.EqualValues(t, 1, stats.RowsScanned)
	require.EqualValues(t, 1, stats.RowsYielded)
	require.Positive(t, stats.BytesScanned)
	require.Positive(t, stats.PlanTime)
	require.Positive(t, stats.ReadTime)
	require.Positive(t, stats.Elapsed)

	require.Len(t, spans.GetSpans(), 2)
	span := spans.GetSpans()[0]
	require.Equal(t, "event scan", span.Name)
	require.Equal(t, query.SpanContext().SpanID(), span.Parent.SpanID())
	said := map[attribute.Key]attribute.Value{}
	for _, a := range span.Attributes {
		said[a.Key] = a.Value
	}
	require.Equal(t, "logs", said["oriel.signal"].AsString())
	require.Contains(t, said["oriel.predicate"].AsString(), "needle")
	for key, want := range map[attribute.Key]int64{
		"oriel.parts": stats.Parts, "oriel.granules.read": stats.Granules, "oriel.granules.pruned": stats.GranulesPruned,
		"oriel.index.lookups": stats.IndexLookups, "oriel.rows.scanned": stats.RowsScanned, "oriel.rows.yielded": stats.RowsYielded,
		"oriel.bytes.scanned": stats.BytesScanned,
	} {
		require.Equal(t, want, said[key].AsInt64(), key)
	}
	require.InDelta(t, stats.PlanTime.Seconds(), said["oriel.seconds.plan"].AsFloat64(), 1e-9)
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP oriel_event_scanned_rows_total Rows in the granules that scans have looked at.
# TYPE oriel_event_scanned_rows_total counter
oriel_event_scanned_rows_total{signal="logs"} 1
oriel_event_scanned_rows_total{signal="spans"} 0
`), "oriel_event_scanned_rows_total"))
}
