package event

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/oriel-obs/oriel/storage"
)

// observe starts a span for a query of t. The caller ends it with what the
// query cost, which goes into metrics, the span and to, which may be nil.
func (t *table) observe(ctx context.Context, name string, where storage.Predicate, to *storage.Stats) (context.Context, func(storage.Stats, error)) {
	start := time.Now()
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/oriel-obs/oriel/storage/event")
	ctx, span := tracer.Start(ctx, name)
	return ctx, func(s storage.Stats, err error) {
		s.Elapsed = time.Since(start)
		t.m.scannedRows.Add(float64(s.RowsScanned))
		t.m.scannedBytes.Add(float64(s.BytesScanned))
		if to != nil {
			to.Add(s)
		}
		if span.IsRecording() {
			describe(span, t.signal.String(), where, s)
		}
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

func describe(span trace.Span, signal string, where storage.Predicate, s storage.Stats) {
	predicate := "true"
	if where != nil {
		predicate = where.String()
	}
	span.SetAttributes(
		attribute.String("oriel.signal", signal),
		attribute.String("oriel.predicate", predicate),
		attribute.Int64("oriel.parts", s.Parts),
		attribute.Int64("oriel.granules.read", s.Granules),
		attribute.Int64("oriel.granules.pruned", s.GranulesPruned),
		attribute.Int64("oriel.index.lookups", s.IndexLookups),
		attribute.Int64("oriel.rows.scanned", s.RowsScanned),
		attribute.Int64("oriel.rows.yielded", s.RowsYielded),
		attribute.Int64("oriel.bytes.scanned", s.BytesScanned),
		attribute.Float64("oriel.seconds.plan", s.PlanTime.Seconds()),
		attribute.Float64("oriel.seconds.read", s.ReadTime.Seconds()),
		attribute.Float64("oriel.seconds.filter", s.FilterTime.Seconds()),
	)
}
