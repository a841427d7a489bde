package otlp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/httpx"
	metricstore "github.com/oriel-obs/oriel/storage/metric"
)

// A process is a Receiver over a metric store that outlives it.
type process struct {
	*rig
	t     *testing.T
	store *metricstore.Store
	stop  func()
}

func startProcess(t *testing.T, dir string, change ...func(*Options)) *process {
	cfg := metricstore.DefaultConfig()
	cfg.Dir = dir
	s, err := metricstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	stopped := false
	p := &process{t: t, store: s, stop: func() {
		if !stopped {
			stopped = true
			require.NoError(t, s.Close())
		}
	}}
	t.Cleanup(p.stop)
	p.rig = newRig(t, append([]func(*Options){func(o *Options) { o.Metrics, o.Refs, o.Recall = s, s.Refs, s }}, change...)...)
	return p
}

// at sets the clock.
func (p *process) at(d time.Duration) *process {
	p.now = func() time.Time { return now.Add(d) }
	return p
}

// values are the samples of the series called name, by time in seconds; of
// histograms the counts.
func (p *process) values(name string) map[int64]float64 {
	p.t.Helper()
	q, err := p.store.Querier(0, now.Add(time.Hour).UnixMilli())
	require.NoError(p.t, err)
	defer q.Close()
	got := map[int64]float64{}
	set := q.Select(context.Background(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	for set.Next() {
		it := set.At().Iterator(nil)
		for typ := it.Next(); typ != chunkenc.ValNone; typ = it.Next() {
			if typ == chunkenc.ValFloat {
				t, v := it.At()
				got[(t-now.UnixMilli())/1000] = v
				continue
			}
			t, h := it.AtFloatHistogram(nil)
			got[(t-now.UnixMilli())/1000] = h.Count
		}
	}
	require.NoError(p.t, set.Err())
	return got
}

// send sends one delta point of every kind that ends at d.
func (p *process) send(d time.Duration) *outcome {
	x := newDoc()
	s := pointAt(x.sum("req", "", true, delta).AppendEmpty(), d)
	s.SetStartTimestamp(timestamp(d - 10*time.Second))
	s.SetDoubleValue(3)
	h := x.metric("lat", "").SetEmptyHistogram()
	h.SetAggregationTemporality(delta)
	c := h.DataPoints().AppendEmpty()
	c.SetTimestamp(timestamp(d))
	c.ExplicitBounds().FromRaw([]float64{1})
	c.BucketCounts().FromRaw([]uint64{1, 2})
	c.SetCount(3)
	c.SetSum(1.5)
	e := exponential(x, "exp", delta)
	e.SetTimestamp(timestamp(d))
	e.SetScale(int32(d/time.Second) % 3)
	e.SetZeroThreshold(0.001)
	e.SetZeroCount(1)
	e.Positive().BucketCounts().FromRaw([]uint64{1, 0, 1})
	e.SetCount(3)
	return p.export(p.t, x)
}

func TestDeltaSumsGoOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	first := startProcess(t, dir)
	require.Empty(t, first.at(0).send(0).message())
	require.Empty(t, first.at(10*time.Second).send(10*time.Second).message())
	first.stop()

	second := startProcess(t, dir)
	require.Empty(t, second.at(20*time.Second).send(20*time.Second).message())
	require.Equal(t, 1, second.again(20*time.Second), "what was counted before the restart is not counted again")
	for name, want := range map[string]map[int64]float64{
		"req_total": {0: 3, 10: 6, 20: 9}, "exp": {0: 3, 10: 6, 20: 9}, "lat_count": {0: 3, 10: 6, 20: 9}, "lat_sum": {0: 1.5, 10: 3, 20: 4.5},
	} {
		require.Equal(t, want, second.values(name), name)
	}
}

// again sends the point of req that ends at d once more, and returns how many
// are refused.
func (p *process) again(d time.Duration) int {
	x := newDoc()
	pointAt(x.sum("req", "", true, delta).AppendEmpty(), d)
	return p.export(p.t, x).rejected()
}

func TestDeltaSumsOfIdleSeriesAreNotTakenUpAfterARestart(t *testing.T) {
	dir := t.TempDir()
	first := startProcess(t, dir)
	first.at(0).send(0)
	first.stop()
	second := startProcess(t, dir)
	second.at(5 * time.Minute).send(5 * time.Minute)
	require.Equal(t, map[int64]float64{0: 3, 300: 3}, second.values("req_total"))
}

func TestAStaleDeltaSeriesStartsAgainAfterARestart(t *testing.T) {
	dir := t.TempDir()
	first := startProcess(t, dir)
	first.at(0).send(0)
	x := newDoc()
	pointAt(x.sum("req", "", true, delta).AppendEmpty(), time.Second).SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	first.export(t, x)
	first.stop()
	second := startProcess(t, dir)
	second.at(2 * time.Second).send(2 * time.Second)
	require.Equal(t, 3.0, second.values("req_total")[2])
}

// unreadable has samples that cannot be read.
type unreadable struct{}

func (unreadable) Querier(int64, int64) (promstorage.Querier, error) {
	return nil, errors.New("disk on fire")
}

func TestDeltaPointsWaitForSumsThatCannotBeRead(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Recall = unreadable{} })
	x := newDoc()
	x.gauge("other", "")
	pointAt(x.sum("req", "", true, delta).AppendEmpty(), 0)
	_, err := r.storePoints(context.Background(), x.Metrics)
	require.ErrorContains(t, err, "read the sums of req_total from before the start: disk on fire")
	require.Empty(t, r.series())
	require.Equal(t, http.StatusServiceUnavailable, httpx.Status(err))

	// Once everything from before is idle there is nothing to read.
	r.now = func() time.Time { return now.Add(5 * time.Minute) }
	require.Zero(t, r.addDelta(t, "1", 1, 5*time.Minute).rejected())
}

func TestDeltaPointsOutOfTheirTurn(t *testing.T) {
	send := func(r *rig, from, to time.Duration) *outcome {
		x := newDoc()
		p := pointAt(x.sum("req", "", true, delta).AppendEmpty(), to)
		p.SetStartTimestamp(timestamp(from))
		return r.export(t, x)
	}
	const q = `{__name__="req_total", instance="i1", job="api"} `
	tests := []struct {
		name     string
		from, to time.Duration // of a point after that of (10s, 20s]
		resets   bool
		series   []string
		gap      float64
		overlap  float64
		refused  string
	}{
		{name: "joins", from: 20, to: 30, series: []string{q + "1@20", q + "2@30"}},
		{name: "joins, give or take a tenth", from: 21, to: 31, series: []string{q + "1@20", q + "2@31"}},
		{name: "joins as well when gaps reset", from: 20, to: 30, resets: true, series: []string{q + "1@20", q + "2@30"}},
		{name: "leaves a gap", from: 25, to: 35, series: []string{q + "1@20", q + "2@35"}, gap: 1},
		{name: "leaves a gap, which resets", from: 25, to: 35, resets: true, series: []string{q + "0@25", q + "1@20", q + "1@35"}, gap: 1},
		{name: "overlaps", from: 15, to: 25, series: []string{q + "1@20", q + "2@25"}, overlap: 1},
		{name: "ends when the last one did", from: 10, to: 20, series: []string{q + "1@20"}, refused: ingest.ReasonOutOfOrder},
		{name: "comes late", from: 10, to: 15, series: []string{q + "1@20"}, refused: ingest.ReasonOutOfOrder},
		{name: "covers what is counted", from: 5, to: 30, series: []string{q + "1@20"}, refused: ingest.ReasonOutOfOrder},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Config.DeltaGapResets = tt.resets })
			require.Zero(t, send(r, 10*time.Second, 20*time.Second).rejected())
			out := send(r, tt.from*time.Second, tt.to*time.Second)
			if tt.refused == "" {
				require.Zero(t, out.rejected(), out.message())
			} else {
				require.Equal(t, tt.refused, out.refused[0].Reason)
			}
			require.Equal(t, tt.series, r.series())
			require.Equal(t, tt.gap, r.warned(warnDeltaGap))
			require.Equal(t, tt.overlap, r.warned(warnDeltaOverlap))
		})
	}
}
