package otelmodel_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// A writer keeps the number of rows, or fails.
type writer struct {
	rows int
	err  error
}

// Append implements ingest.EventWriter.
func (w *writer) Append(_ context.Context, b *model.Batch) error {
	if w.err == nil {
		w.rows += b.Len()
	}
	return w.err
}

// traces has a span that begins at each of the times.
func traces(begins ...time.Time) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i, t := range begins {
		sp := spans.AppendEmpty()
		sp.SetTraceID(pcommon.TraceID{1})
		sp.SetSpanID(pcommon.SpanID{byte(i + 1)})
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(t))
	}
	return td
}

func TestStoreCountsWhatItStoredAndWhatNot(t *testing.T) {
	w, account := &writer{}, ingest.NewAccount(prometheus.NewRegistry())
	sink := otelmodel.NewSink("p", otelmodel.Options{Events: w, Limits: ingest.DefaultLimits(), Account: account, Now: func() time.Time { return now }})
	var before otelmodel.Refusals
	before.Add(ingest.ReasonMalformed, 2, "span %d is odd", 7)
	stored, refused, err := sink.Store(t.Context(), traces(now, now.AddDate(-1, 0, 0), now.Add(time.Hour)), before, 100)
	require.NoError(t, err)
	require.Equal(t, 1, stored)
	require.Equal(t, 1, w.rows)
	require.Equal(t, 4, refused.Rows())
	require.EqualError(t, refused.Error(stored), "4 of 5 spans refused (malformed: span 7 is odd): invalid")
	require.ErrorIs(t, refused.Error(stored), fault.ErrInvalid)
	counted := map[string]int64{}
	for _, r := range account.Rejections() {
		counted[r.Protocol+" "+r.Signal+" "+r.Reason] = r.Rows
	}
	require.Equal(t, map[string]int64{"p spans malformed": 2, "p spans too_old": 1, "p spans too_new": 1}, counted)
	taken := account.Accepted()
	require.Len(t, taken, 1)
	require.EqualValues(t, 1, taken[0].Rows)
	require.EqualValues(t, 100, taken[0].Bytes)
}

func TestStoreThatFailsStoresNothingAndSaysWhy(t *testing.T) {
	for err, reason := range map[error]string{
		errors.New("disk on fire"):                     ingest.ReasonStorage,
		fmt.Errorf("queue: %w", fault.ErrOverloaded):   ingest.ReasonOverload,
		fmt.Errorf("closed: %w", fault.ErrUnavailable): ingest.ReasonStorage,
	} {
		account := ingest.NewAccount(prometheus.NewRegistry())
		sink := otelmodel.NewSink("p", otelmodel.Options{Events: &writer{err: err}, Limits: ingest.DefaultLimits(), Account: account, Now: func() time.Time { return now }})
		stored, _, got := sink.Store(t.Context(), traces(now, now), nil, 1)
		require.ErrorIs(t, got, err)
		require.Zero(t, stored)
		require.Equal(t, reason, account.Rejections()[0].Reason)
		require.EqualValues(t, 2, account.Rejections()[0].Rows)
		require.Empty(t, account.Accepted())
	}
}

func TestNothingToStoreAsksNobody(t *testing.T) {
	sink := otelmodel.NewSink("p", otelmodel.Options{Events: &writer{err: errors.New("asked")}, Limits: ingest.DefaultLimits()})
	stored, refused, err := sink.Store(t.Context(), ptrace.NewTraces(), nil, 0)
	require.NoError(t, err)
	require.Zero(t, stored)
	require.Empty(t, refused)
}
