package otlp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest"
	metricstore "github.com/oriel-obs/oriel/storage/metric"
)

// partly refuses the samples of which bad returns an error.
type partly struct {
	promstorage.AppendableV2
	bad       func(ls labels.Labels) error
	commitErr error
}

type partlyAppender struct {
	promstorage.AppenderV2
	p *partly
}

func (p *partly) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	return &partlyAppender{p.AppendableV2.AppenderV2(ctx), p}
}

func (a *partlyAppender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, o promstorage.AOptions) (promstorage.SeriesRef, error) {
	if err := a.p.bad(ls); err != nil {
		return 0, err
	}
	return a.AppenderV2.Append(ref, ls, st, t, v, h, fh, o)
}

func (a *partlyAppender) Commit() error {
	if a.p.commitErr != nil {
		_ = a.Rollback() // a failed commit rolls back, says the interface
		return a.p.commitErr
	}
	return a.AppenderV2.Commit()
}

func TestSamplesTheStoreRefusesCountAsDataPoints(t *testing.T) {
	for err, reason := range map[error]string{
		promstorage.ErrOutOfOrderSample:            ingest.ReasonOutOfOrder,
		promstorage.ErrTooOldSample:                ingest.ReasonTooOld,
		promstorage.ErrOutOfBounds:                 ingest.ReasonTooOld,
		promstorage.ErrDuplicateSampleForTimestamp: ingest.ReasonDuplicate,
		promstorage.ErrNativeHistogramsDisabled:    ingest.ReasonTranslate,
	} {
		store := &partly{bad: func(ls labels.Labels) error {
			if strings.HasPrefix(ls.Get("__name__"), "bad") || ls.Get("__name__") == "target_info" {
				return fmt.Errorf("append: %w", err)
			}
			return nil
		}}
		r, d := newRig(t, func(o *Options) { store.AppendableV2 = o.Metrics; o.Metrics = store }), newDoc()
		d.resource.PutStr("host.name", "h")
		h := d.metric("bad.lat", "").SetEmptyHistogram()
		h.SetAggregationTemporality(cumulative)
		for i := range 2 {
			p := h.DataPoints().AppendEmpty()
			p.SetTimestamp(timestamp(0))
			p.Attributes().PutInt("n", int64(i))
			p.ExplicitBounds().FromRaw([]float64{1, 2})
			p.BucketCounts().FromRaw([]uint64{1, 2, 3})
			p.SetCount(6)
			p.SetSum(1)
		}
		s := d.metric("bad.sum", "").SetEmptySummary().DataPoints().AppendEmpty()
		s.SetTimestamp(timestamp(0))
		s.QuantileValues().AppendEmpty().SetQuantile(0.5)
		d.gauge("bad", "")
		d.gauge("good", "")
		out := r.export(t, d)
		require.Equal(t, 4, out.rejected(), out.message())
		require.Equal(t, reason, out.refused[0].Reason)
		require.Equal(t, 1, out.accepted)
		require.Contains(t, out.message(), `series {__name__="bad_lat_sum"`)
		require.Equal(t, []string{`{__name__="good", instance="i1", job="api"} 1@0`}, r.series())
	}
}

func TestStoreFailureWritesNothingAndIsToldToRetry(t *testing.T) {
	for name, store := range map[string]*partly{
		"append": {bad: func(ls labels.Labels) error {
			if ls.Get("__name__") == "b" {
				return errors.New("disk on fire")
			}
			return nil
		}},
		"commit": {bad: func(labels.Labels) error { return nil }, commitErr: errors.New("disk on fire")},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { store.AppendableV2 = o.Metrics; o.Metrics = store })
			w := r.postJSON("/v1/metrics", fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
				{"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"%[1]d","asDouble":1}]}},
				{"name":"b","gauge":{"dataPoints":[{"timeUnixNano":"%[1]d","asInt":"1"}]}},
				{"name":"c","gauge":{"dataPoints":[{"timeUnixNano":"%[1]d","asInt":1}]}}]}]}]}`, at(0)))
			require.Equal(t, 503, w.Code)
			require.Contains(t, w.Body.String(), "disk on fire")
			require.Empty(t, r.series())
			require.Equal(t, map[string]int64{ingest.ReasonStorage: 3}, r.reasons())
			require.Empty(t, r.account.Accepted())
		})
	}
}

// TestAgainstTSDB stores in the real database what the fakes above took.
func TestAgainstTSDB(t *testing.T) {
	db := teststorage.New(t)
	r := newRig(t, func(o *Options) { o.Metrics = db })
	r.now = func() time.Time { return now }
	send := func(fill func(d doc)) *outcome {
		d := newDoc()
		fill(d)
		return r.export(t, d)
	}
	require.Empty(t, send(func(d doc) {
		d.resource.PutStr("host.name", "h")
		d.gauge("g", "1")
		p := exponential(d, "e", delta)
		p.SetScale(20)
		p.Positive().BucketCounts().FromRaw([]uint64{1, 2})
		p.SetCount(3)
		pointAt(d.sum("s", "", true, delta).AppendEmpty(), 0)
	}).message())
	out := send(func(d doc) {
		d.resource.PutStr("host.name", "h")
		pointAt(d.metric("g", "1").SetEmptyGauge().DataPoints().AppendEmpty(), -time.Minute)
		p := exponential(d, "mismatch", cumulative)
		p.Positive().BucketCounts().FromRaw([]uint64{1})
		p.SetCount(7)
		p = exponential(d, "overflow", cumulative)
		p.Positive().SetOffset(math.MaxInt32)
		p.Positive().BucketCounts().FromRaw([]uint64{1, 2, 3})
		p.SetCount(6)
		p = exponential(d, "e", delta)
		p.SetTimestamp(timestamp(time.Second))
		p.SetScale(2)
		p.Positive().BucketCounts().FromRaw([]uint64{4})
		p.SetCount(4)
		pointAt(d.sum("s", "", true, delta).AppendEmpty(), time.Second)
		d.gauge("last", "")
	})
	require.Contains(t, out.message(), "1 rejected as out_of_order: out of order sample: series {__name__=\"g_ratio\"")
	require.Contains(t, out.message(), "rejected as malformed")
	require.Equal(t, 3, out.rejected(), out.message())
	require.Equal(t, 3, out.accepted)

	q, err := db.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(t, err)
	defer q.Close()
	got := map[string][]float64{}
	set := q.Select(context.Background(), true, nil, labels.MustNewMatcher(labels.MatchNotEqual, "__name__", ""))
	for set.Next() {
		name := set.At().Labels().Get("__name__")
		it := set.At().Iterator(nil)
		for typ := it.Next(); typ != chunkenc.ValNone; typ = it.Next() {
			if typ == chunkenc.ValFloat {
				_, v := it.At()
				got[name] = append(got[name], v)
				continue
			}
			_, h := it.AtFloatHistogram(nil)
			got[name] = append(got[name], h.Count)
		}
	}
	require.NoError(t, set.Err())
	require.Equal(t, map[string][]float64{
		"g_ratio": {1}, "e": {3, 7}, "s_total": {1, 2}, "last": {1}, "target_info": {1, 1},
	}, got)
}

func TestSamplesOutOfOrderWithinTheWindowAreTaken(t *testing.T) {
	p := startProcess(t, t.TempDir())
	send := func(d time.Duration) *outcome {
		x := newDoc()
		pointAt(x.sum("req", "", true, cumulative).AppendEmpty(), d)
		e := exponential(x, "exp", cumulative)
		e.SetTimestamp(timestamp(d))
		e.Positive().BucketCounts().FromRaw([]uint64{1})
		e.SetCount(1)
		return p.export(t, x)
	}
	require.Empty(t, send(0).message())
	window := time.Duration(metricstore.DefaultConfig().OutOfOrderWindow)
	require.Empty(t, send(time.Minute-window).message())
	out := send(-time.Minute - window)
	require.Equal(t, 2, out.rejected())
	require.Equal(t, ingest.ReasonTooOld, out.refused[0].Reason)
	late := int64((time.Minute - window).Seconds())
	require.Equal(t, map[int64]float64{late: 1, 0: 1}, p.values("req_total"))
	require.Equal(t, map[int64]float64{late: 1, 0: 1}, p.values("exp"))
}

func TestSeriesAreFoundAgainWithoutTheirLabels(t *testing.T) {
	p := startProcess(t, t.TempDir())
	for i := range 3 {
		d := time.Duration(i) * time.Second
		x := newDoc()
		x.resource.PutStr("host.name", "h")
		h := x.metric("lat", "").SetEmptyHistogram()
		h.SetAggregationTemporality(cumulative)
		c := h.DataPoints().AppendEmpty()
		c.SetTimestamp(timestamp(d))
		c.ExplicitBounds().FromRaw([]float64{1})
		c.BucketCounts().FromRaw([]uint64{1, 2})
		c.SetCount(uint64(3 + i))
		require.Empty(t, p.export(t, x).message())
	}
	require.Equal(t, map[int64]float64{0: 3, 1: 4, 2: 5}, p.values("lat_count"))
	require.EqualValues(t, 4, p.store.NumSeries(), "two buckets, count, target_info")
}

func TestRequestsOfTheSameSeriesMayComeAtOnce(t *testing.T) {
	p := startProcess(t, t.TempDir())
	const senders, requests = 4, 25
	var g errgroup.Group
	for sender := range senders {
		g.Go(func() error {
			for i := range requests {
				d := time.Duration(i) * time.Second
				x := newDoc()
				n := fmt.Sprint(sender)
				for _, s := range []pmetric.NumberDataPointSlice{x.sum("mine", "", true, delta), x.sum("total", "", true, cumulative)} {
					pointAt(s.AppendEmpty(), d).Attributes().PutStr("n", n)
				}
				pointAt(x.metric("shared", "").SetEmptyGauge().DataPoints().AppendEmpty(), 0)
				out, err := p.storePoints(context.Background(), x.Metrics)
				if err != nil || out.rejected() > 0 {
					return fmt.Errorf("sender %d, request %d: %w %s", sender, i, err, out.message())
				}
			}
			return nil
		})
	}
	require.NoError(t, g.Wait())
	require.EqualValues(t, 2*senders+1, p.store.NumSeries())
	require.Equal(t, float64(requests), p.values("mine_total")[requests-1])
}
