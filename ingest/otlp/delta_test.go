package otlp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// addDelta sends v at d after now for the delta sum "req" with label n.
func (r *rig) addDelta(t *testing.T, n string, v float64, d time.Duration) *outcome {
	t.Helper()
	x := newDoc()
	p := pointAt(x.sum("req", "", true, delta).AppendEmpty(), d)
	p.SetStartTimestamp(timestamp(d - time.Second))
	p.SetDoubleValue(v)
	p.Attributes().PutStr("n", n)
	return r.export(t, x)
}

func req(n, rest string) string {
	return `{__name__="req_total", instance="i1", job="api", n="` + n + `"} ` + rest
}

func TestDeltaSumsGrow(t *testing.T) {
	r := newRig(t)
	r.addDelta(t, "1", 3, 0)
	r.addDelta(t, "2", 10, 0)
	r.addDelta(t, "1", 4, 2*time.Second)
	require.Equal(t, []string{req("1", "3@0"), req("1", "7@2"), req("2", "10@0")}, r.series())
	for _, s := range r.samples.ResultSamples() {
		require.Equal(t, now.UnixMilli()-1000, s.ST, "the start is that of the first interval")
		require.Equal(t, "counter", string(s.M.Type))
	}
	require.Equal(t, 2, r.deltas.len())
}

func TestDeltaUpDownCounterIsAGauge(t *testing.T) {
	r, d := newRig(t), newDoc()
	points := d.sum("queue", "", false, delta)
	for i, v := range []float64{5, -2} {
		pointAt(points.AppendEmpty(), time.Duration(i)*time.Second).SetDoubleValue(v)
	}
	r.export(t, d)
	const q = `{__name__="queue", instance="i1", job="api"} `
	require.Equal(t, []string{q + "3@1", q + "5@0"}, r.series())
	require.Equal(t, "gauge", string(r.samples.ResultSamples()[0].M.Type))
}

func TestDeltaHistogramGrowsInEveryBucket(t *testing.T) {
	r := newRig(t)
	for i := range 2 {
		d := newDoc()
		h := d.metric("lat", "").SetEmptyHistogram()
		h.SetAggregationTemporality(delta)
		p := h.DataPoints().AppendEmpty()
		p.SetTimestamp(timestamp(time.Duration(i) * time.Second))
		p.ExplicitBounds().FromRaw([]float64{1})
		p.BucketCounts().FromRaw([]uint64{1, 2})
		p.SetCount(3)
		p.SetSum(1.5)
		require.Equal(t, 1, r.export(t, d).accepted)
	}
	require.Equal(t, []string{
		`{__name__="lat_bucket", instance="i1", job="api", le="+Inf"} 3@0`,
		`{__name__="lat_bucket", instance="i1", job="api", le="+Inf"} 6@1`,
		`{__name__="lat_bucket", instance="i1", job="api", le="1"} 1@0`,
		`{__name__="lat_bucket", instance="i1", job="api", le="1"} 2@1`,
		`{__name__="lat_count", instance="i1", job="api"} 3@0`,
		`{__name__="lat_count", instance="i1", job="api"} 6@1`,
		`{__name__="lat_sum", instance="i1", job="api"} 1.5@0`,
		`{__name__="lat_sum", instance="i1", job="api"} 3@1`,
	}, r.series())
}

func TestDeltaExponentialHistogramsOfDifferentScaleAdd(t *testing.T) {
	r := newRig(t)
	for i, scale := range []int32{1, 0} {
		d := newDoc()
		p := exponential(d, "lat", delta)
		p.SetTimestamp(timestamp(time.Duration(i) * time.Second))
		p.SetScale(scale)
		p.Positive().BucketCounts().FromRaw([]uint64{1, 1})
		p.SetZeroCount(1)
		p.SetCount(3)
		p.SetSum(2)
		require.Equal(t, 1, r.export(t, d).accepted)
	}
	got := r.samples.ResultSamples()
	require.Len(t, got, 2)
	require.EqualValues(t, 1, got[0].FH.Schema, "what the store has is not changed")
	require.EqualValues(t, 3, got[0].FH.Count)
	require.EqualValues(t, 0, got[1].FH.Schema)
	require.EqualValues(t, 6, got[1].FH.Count)
	require.EqualValues(t, 2, got[1].FH.ZeroCount)
	require.Equal(t, []float64{3, 1}, got[1].FH.PositiveBuckets)
	require.NoError(t, got[1].FH.Validate())
}

func TestDeltaPointThatIsNotNewerIsRefused(t *testing.T) {
	r := newRig(t)
	r.addDelta(t, "1", 3, 0)
	for _, d := range []time.Duration{0, -time.Second} {
		out := r.addDelta(t, "1", 5, d)
		require.Equal(t, 1, out.rejected())
		require.Equal(t, ingest.ReasonOutOfOrder, out.refused[0].Reason)
	}
	r.addDelta(t, "1", 4, time.Second)
	require.Equal(t, []string{req("1", "3@0"), req("1", "7@1")}, r.series())
}

func TestDeltaSumsOfARequestThatFailsAreUndone(t *testing.T) {
	store := &partly{bad: func(labels.Labels) error { return nil }}
	r := newRig(t, func(o *Options) { store.AppendableV2 = o.Metrics; o.Metrics = store })
	r.addDelta(t, "1", 3, 0)
	store.commitErr = errors.New("disk on fire")
	d := newDoc()
	points := d.sum("req", "", true, delta)
	for _, n := range []string{"1", "new"} {
		p := pointAt(points.AppendEmpty(), time.Second)
		p.SetDoubleValue(100)
		p.Attributes().PutStr("n", n)
	}
	again := newDoc()
	d.CopyTo(again.Metrics)
	_, err := r.storePoints(context.Background(), d.Metrics)
	require.Error(t, err)
	store.commitErr = nil
	require.Zero(t, r.export(t, again).rejected(), "the retry counts once")
	require.Equal(t, []string{req("1", "103@1"), req("1", "3@0"), req("new", "100@1")}, r.series())
}

func TestDeltaSampleTheStoreRefusesIsNotAdded(t *testing.T) {
	var refuse error
	store := &partly{bad: func(labels.Labels) error { return refuse }}
	r := newRig(t, func(o *Options) { store.AppendableV2 = o.Metrics; o.Metrics = store })
	r.addDelta(t, "1", 3, 0)
	refuse = promstorage.ErrOutOfBounds
	require.Equal(t, 1, r.addDelta(t, "1", 50, time.Second).rejected())
	refuse = nil
	r.addDelta(t, "1", 4, time.Second)
	require.Equal(t, []string{req("1", "3@0"), req("1", "7@1")}, r.series())
}

func TestDeltaSeriesAreBounded(t *testing.T) {
	var logged bytes.Buffer
	r := newRig(t, func(o *Options) {
		o.Config.DeltaMaxSeries = 2
		o.Log = slog.New(slog.NewTextHandler(&logged, nil))
	})
	r.addDelta(t, "1", 1, 0)
	r.addDelta(t, "2", 1, 0)
	out := r.addDelta(t, "3", 1, 0)
	require.Equal(t, 1, out.rejected())
	require.Equal(t, ingest.ReasonOverload, out.refused[0].Reason)
	require.Contains(t, out.message(), "delta_max_series is 2")

	r.now = func() time.Time { return now.Add(5 * time.Minute) } // idle ones make room
	require.Zero(t, r.addDelta(t, "3", 1, 5*time.Minute).rejected())
	require.Equal(t, 1, r.deltas.len())
	require.Equal(t, 1, r.deltas.expire(now))
	require.Zero(t, r.deltas.expire(now))
	require.Empty(t, logged.String(), "nothing is logged on the data path")
}

func TestIdleDeltaSeriesStartsAgain(t *testing.T) {
	r := newRig(t)
	r.addDelta(t, "1", 3, 0)
	r.now = func() time.Time { return now.Add(5 * time.Minute) }
	r.addDelta(t, "1", 4, 5*time.Minute)
	require.Equal(t, []string{req("1", "3@0"), req("1", "4@300")}, r.series())
}

func TestRunForgetsIdleDeltaSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		r := newRig(t, func(o *Options) {
			o.Config.DeltaMaxSeries = 1
			o.Log = slog.New(slog.NewTextHandler(&logged, nil))
		})
		r.now = time.Now
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		tx := r.deltas.of(t.Context()).begin(ctx, time.Now())
		_, err := tx.add(labels.FromStrings("a", "b"), 0, 1, 1, nil)
		require.NoError(t, err)
		_, err = tx.add(labels.FromStrings("a", "c"), 0, 1, 1, nil)
		require.ErrorIs(t, err, errDeltaSeries)
		tx.end(true)
		require.Equal(t, 1, r.deltas.len())
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		require.Zero(t, r.deltas.len())
		cancel()
		require.NoError(t, <-done)
		require.Equal(t, 1, strings.Count(logged.String(), "raise delta_max_series"))
	})
}

func TestCumulativeAndDeltaMetricsMayShareARequest(t *testing.T) {
	r, d := newRig(t), newDoc()
	d.scope.Scope().SetName("lib")
	d.resource.PutStr("host.name", "h")
	pointAt(d.sum("a", "", true, cumulative).AppendEmpty(), 0)
	pointAt(d.sum("b", "", true, delta).AppendEmpty(), 0)
	pointAt(d.sum("c", "", true, pmetric.AggregationTemporality(7)).AppendEmpty(), 0)
	out := r.export(t, d)
	require.Equal(t, 2, out.accepted)
	require.Equal(t, 1, out.rejected())
}
