package self_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/self"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running starts a Telemetry on events and returns it with a function that
// stops it and waits until everything is written.
func running(t *testing.T, events ingest.EventWriter) (tele *self.Telemetry, reg *prometheus.Registry, db *teststorage.TestStorage, stop func()) {
	t.Helper()
	db = teststorage.New(t)
	reg = prometheus.NewRegistry()
	tele = self.New("127.0.0.1:4319")
	require.NoError(t, tele.Start(self.DefaultConfig(), self.Sinks{Events: events, Metrics: db, Gatherer: reg, Account: ingest.NewAccount(reg)}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tele.Run(ctx) }()
	return tele, reg, db, func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func rows(t *testing.T, store *storagetest.Memory, sig model.Signal) []*model.Batch {
	t.Helper()
	var out []*model.Batch
	for b, err := range store.Scan(t.Context(), storage.Scan{Signal: sig, Range: model.AllTime()}) {
		require.NoError(t, err)
		out = append(out, b)
	}
	return out
}

func TestSpansTellWhoIsAskedAndNotWhatLetsOneIn(t *testing.T) {
	store := &storagetest.Memory{}
	tele, _, _, stop := running(t, store)
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(tele))
	_, s := tp.Tracer("t").Start(t.Context(), "POST", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("url.full", "https://hooks.example/T0/s3cret?key=s3cret"), attribute.String("http.url", "https://u:s3cret@hooks.example/bots3cret")))
	s.RecordError(errors.New(`Post "https://hooks.example/s3cret": EOF`))
	s.SetStatus(codes.Error, `Post "https://hooks.example/s3cret": EOF`)
	s.End()
	stop()
	spans := rows(t, store, model.Spans)
	require.Len(t, spans, 1)
	require.Equal(t, `Post "https://hooks.example/<hidden>": EOF`, spans[0].Spans.StatusMessage[0])
	told := fmt.Sprintf("%+v", spans[0].Spans.Events[0])
	for _, c := range spans[0].Attrs {
		told += fmt.Sprintf(" %+v", *c)
	}
	require.NotContains(t, told, "s3cret")
	require.Contains(t, told, "https://hooks.example/<hidden>")
}

func TestALogRecordBecomesALineWithItsAttributes(t *testing.T) {
	tp := sdktrace.NewTracerProvider()
	ctx, span := tp.Tracer("t").Start(t.Context(), "op")
	var store storagetest.Memory
	tele, _, _, stop := running(t, &store)
	log := slog.New(tele.Handler(slog.NewTextHandler(t.Output(), nil))).With("component", "event")
	log.WithGroup("http").WarnContext(ctx, "request failed", "route", "/a b", "status", 500)
	stop()
	got := rows(t, &store, model.Logs)
	require.Len(t, got, 1)
	b := got[0]
	require.Equal(t, []string{`msg="request failed" component=event http.route="/a b" http.status=500`}, b.Body)
	require.Equal(t, "oriel", b.Stream(0).Attr("service_name").Str())
	require.Equal(t, "127.0.0.1:4319", b.Stream(0).Attr("service_instance_id").Str())
	for key, want := range map[string]string{
		"detected_level": "warn", "component": "event", "http_route": "/a b", "http_status": "500",
		"trace_id": span.SpanContext().TraceID().String(), "span_id": span.SpanContext().SpanID().String(),
	} {
		require.Equal(t, want, b.Attr(0, key).Text(), key)
	}
}

func TestASpanIsStoredWhole(t *testing.T) {
	var store storagetest.Memory
	tele, _, _, stop := running(t, &store)
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(tele))
	_, span := tp.Tracer("scope").Start(t.Context(), "op", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.Int("n", 3), attribute.StringSlice("list", []string{"a", "b"})))
	span.AddEvent("happened", trace.WithAttributes(attribute.Bool("ok", false)))
	span.SetStatus(codes.Error, "broken")
	span.End()
	stop()

	got := rows(t, &store, model.Spans)
	require.Len(t, got, 1)
	sp := got[0].SpanAt(0)
	require.Equal(t, "op", sp.Name)
	require.Equal(t, model.SpanServer, sp.Kind)
	require.Equal(t, model.StatusError, sp.Status)
	require.Equal(t, "broken", sp.StatusMessage)
	require.Equal(t, model.TraceID(span.SpanContext().TraceID()), sp.TraceID)
	require.Equal(t, "scope", got[0].Stream(0).ScopeName)
	require.Equal(t, model.Int(3), got[0].Attr(0, "n"))
	require.Equal(t, model.Array(`["a","b"]`), got[0].Attr(0, "list"))
	require.Len(t, sp.Events, 1)
	require.Equal(t, []model.Attr{{Key: "ok", Value: model.Bool(false)}}, sp.Events[0].Attrs)
}

func TestOwnMetricsAreStoredUnderTheJob(t *testing.T) {
	var store storagetest.Memory
	_, _, db, stop := running(t, &store)
	stop()
	q, err := db.Querier(0, time.Now().Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", "up"))
	require.True(t, set.Next())
	require.Equal(t, `{__name__="up", instance="127.0.0.1:4319", job="oriel"}`, set.At().Labels().String())
}

// failing is a store that takes nothing.
type failing struct{ ingest.EventWriter }

func (failing) Append(context.Context, *model.Batch) error { return errors.New("disk is gone") }

func TestAFloodIsDroppedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store storagetest.Memory
		tele, account, stop := floodable(t, &store)
		log := slog.New(tele.Handler(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})))
		for range 1000 {
			log.Error("again")
		}
		synctest.Wait()
		stop()
		written, dropped, reason := counted(account)
		require.Equal(t, int64(200), written)
		require.Equal(t, int64(800), dropped)
		require.Equal(t, ingest.ReasonOverload, reason)
	})
}

func TestAFailingStoreDoesNotMakeMoreLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tele, account, stop := floodable(t, failing{})
		slog.New(tele.Handler(slog.NewTextHandler(t.Output(), nil))).Error("once")
		time.Sleep(10 * time.Second) // of the fake clock
		stop()
		written, dropped, reason := counted(account)
		require.Zero(t, written)
		require.Equal(t, int64(1), dropped)
		require.Equal(t, ingest.ReasonStorage, reason)
	})
}

// floodable is running without a metric store, whose goroutines a synctest
// bubble would wait for.
func floodable(t *testing.T, events ingest.EventWriter) (*self.Telemetry, *ingest.Account, func()) {
	t.Helper()
	reg := prometheus.NewRegistry()
	account := ingest.NewAccount(reg)
	tele := self.New("i")
	require.NoError(t, tele.Start(self.DefaultConfig(), self.Sinks{Events: events, Metrics: nowhere{}, Gatherer: reg, Account: account}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tele.Run(ctx) }()
	return tele, account, func() {
		cancel()
		require.NoError(t, <-done)
	}
}

// counted returns the rows of own logs that were written and that were not.
func counted(account *ingest.Account) (written, dropped int64, reason string) {
	for _, a := range account.Accepted() {
		if a.Protocol == "self" && a.Signal == "logs" {
			written += a.Rows
		}
	}
	for _, r := range account.Rejections() {
		if r.Protocol == "self" && r.Signal == "logs" {
			dropped, reason = dropped+r.Rows, r.Reason
		}
	}
	return written, dropped, reason
}

// few is a store that takes only so many series.
type few struct {
	promstorage.AppendableV2
	most int
}

func (f *few) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	return &fewAppender{f.AppendableV2.AppenderV2(ctx), f.most}
}

type fewAppender struct {
	promstorage.AppenderV2
	left int
}

func (a *fewAppender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.left == 0 {
		return 0, fmt.Errorf("full: %w", storage.ErrSeriesLimit)
	}
	a.left--
	return a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

func TestOwnMetricsGoOnAtALimitOfSeries(t *testing.T) {
	reg := prometheus.NewRegistry()
	for _, name := range []string{"a", "b", "c"} {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "h"})
		reg.MustRegister(c)
	}
	account := ingest.NewAccount(prometheus.NewRegistry())
	tele := self.New("127.0.0.1:4319")
	require.NoError(t, tele.Start(self.DefaultConfig(), self.Sinks{
		Events: &storagetest.Memory{}, Metrics: &few{teststorage.New(t), 3}, Gatherer: reg, Account: account,
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tele.Run(ctx) }()
	require.Eventually(t, func() bool { return len(account.Rejections()) > 0 && len(account.Accepted()) > 0 }, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.EqualValues(t, 3, account.Accepted()[0].Rows, "up and two more")
	require.EqualValues(t, 1, account.Rejections()[0].Rows)
	require.Equal(t, ingest.ReasonSeriesLimit, account.Rejections()[0].Reason)
}
