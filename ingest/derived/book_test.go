package derived_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A sample is one that a recorder was given.
type sample struct {
	t         int64
	v         float64
	h         *histogram.Histogram
	exemplars []exemplar.Exemplar
}

// A recorder is a metric store that keeps what was committed.
type recorder struct {
	series map[string][]sample
	byRef  map[promstorage.SeriesRef]string
	refs   map[string]promstorage.SeriesRef
	named  int // appends that had no reference
	fail   error
	judge  func(labels.Labels) (drop bool, err error) // nil takes everything
}

func newRecorder() *recorder {
	return &recorder{series: map[string][]sample{}, byRef: map[promstorage.SeriesRef]string{}, refs: map[string]promstorage.SeriesRef{}}
}

func (r *recorder) AppenderV2(context.Context) promstorage.AppenderV2 {
	return &transaction{r: r, samples: map[string][]sample{}}
}

type transaction struct {
	r       *recorder
	samples map[string][]sample
}

func (tx *transaction) Append(ref promstorage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, _ *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if tx.r.fail != nil {
		return 0, tx.r.fail
	}
	if tx.r.judge != nil {
		if drop, err := tx.r.judge(ls); drop || err != nil {
			return 0, err
		}
	}
	name := ls.String()
	if ref == 0 {
		tx.r.named++
		if ref = tx.r.refs[name]; ref == 0 {
			ref = promstorage.SeriesRef(len(tx.r.refs) + 1)
			tx.r.refs[name] = ref
		}
	}
	if have := slices.Concat(tx.r.series[name], tx.samples[name]); len(have) > 0 && have[len(have)-1].t >= t {
		return 0, promstorage.ErrOutOfOrderSample
	}
	tx.samples[name] = append(tx.samples[name], sample{t, v, h, opts.Exemplars})
	return ref, nil
}

func (tx *transaction) Commit() error {
	for name, ss := range tx.samples {
		tx.r.series[name] = append(tx.r.series[name], ss...)
	}
	return nil
}

func (tx *transaction) Rollback() error { return nil }

func (r *recorder) values(name string) (out []float64) {
	for _, s := range r.series[name] {
		out = append(out, s.v)
	}
	return out
}

func timing() derived.Timing { return derived.DefaultTiming() }

func book(r *recorder, l derived.Layout, t derived.Timing, reg prometheus.Registerer, now time.Time) *derived.Book[string] {
	return derived.New[string](derived.Options{
		Source: "test", Layout: l, Timing: t, Metrics: r, Account: ingest.NewAccount(prometheus.NewRegistry()), Registerer: reg,
	}, now.UnixMilli())
}

func counterLayout() derived.Layout {
	return derived.Layout{Counters: []derived.Family{{Name: "c_total", Help: "h"}}}
}

func latencyLayout(form derived.Form) derived.Layout {
	return derived.Layout{Histograms: []derived.Family{{Name: "lat", Help: "h"}}, Form: form}
}

var start = time.Unix(1_700_000_000, 0)

func TestANewSeriesStartsFromZeroAtTheWriteBefore(t *testing.T) {
	r := newRecorder()
	b := book(r, counterLayout(), timing(), prometheus.NewRegistry(), start)
	add := func(k string, n float64, at time.Time) {
		b.Lock()
		defer b.Unlock()
		s := b.Get(k)
		if s == nil {
			s = b.Put(k, labels.FromStrings("k", k), at.UnixNano())
		}
		s.Add(0, n, at.UnixNano())
	}
	write := func(at time.Time) int {
		n, err := b.Write(t.Context(), at)
		require.NoError(t, err)
		return n
	}
	add("a", 3, start)
	require.Equal(t, 2, write(start.Add(15*time.Second)))
	add("a", 1, start)
	add("b", 5, start)
	require.Equal(t, 3, write(start.Add(30*time.Second)))
	at := func(s int) int64 { return start.Add(time.Duration(s) * time.Second).UnixMilli() }
	require.Equal(t, []sample{{t: at(0)}, {t: at(15), v: 3}, {t: at(30), v: 4}}, r.series[`{__name__="c_total", k="a"}`])
	require.Equal(t, []sample{{t: at(15)}, {t: at(30), v: 5}}, r.series[`{__name__="c_total", k="b"}`])
	require.Equal(t, 2, r.named, "series are appended by reference once they have one")
}

func TestASetWithoutNewsGoesStaleAndCanComeBack(t *testing.T) {
	r := newRecorder()
	tm := timing()
	tm.StaleAfter = time.Minute
	reg := prometheus.NewRegistry()
	b := book(r, counterLayout(), tm, reg, start)
	put := func(at time.Time) {
		b.Lock()
		defer b.Unlock()
		b.Put("a", labels.FromStrings("k", "a"), at.UnixNano()).Add(0, 1, at.UnixNano())
	}
	put(start)
	for s := 15; s <= 90; s += 15 {
		_, err := b.Write(t.Context(), start.Add(time.Duration(s)*time.Second))
		require.NoError(t, err)
	}
	got := r.values(`{__name__="c_total", k="a"}`)
	require.Equal(t, []float64{0, 1, 1, 1, 1}, got[:5])
	require.Len(t, got, 6, "nothing follows the marker")
	require.True(t, value.IsStaleNaN(got[5]))
	b.Lock()
	require.Zero(t, b.Len())
	require.Nil(t, b.Get("a"))
	b.Unlock()

	put(start.Add(100 * time.Second))
	_, err := b.Write(t.Context(), start.Add(105*time.Second))
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1}, r.values(`{__name__="c_total", k="a"}`)[6:], "it begins anew")
}

func TestAClockSetBackWritesNothingUntilItHasCaughtUp(t *testing.T) {
	r := newRecorder()
	b := book(r, counterLayout(), timing(), prometheus.NewRegistry(), start)
	b.Lock()
	b.Put("a", labels.FromStrings("k", "a"), start.UnixNano()).Add(0, 1, start.UnixNano())
	b.Unlock()
	for _, s := range []int{15, 5, 15, 20} {
		_, err := b.Write(t.Context(), start.Add(time.Duration(s)*time.Second))
		require.NoError(t, err)
	}
	require.Equal(t, []float64{0, 1, 1}, r.values(`{__name__="c_total", k="a"}`))
}

func TestAFailingStoreIsReportedAndCountsGoOn(t *testing.T) {
	r := newRecorder()
	b := book(r, counterLayout(), timing(), prometheus.NewRegistry(), start)
	b.Lock()
	s := b.Put("a", labels.FromStrings("k", "a"), start.UnixNano())
	s.Add(0, 1, start.UnixNano())
	b.Unlock()
	r.fail = errors.New("disk is gone")
	_, err := b.Write(t.Context(), start.Add(15*time.Second))
	require.ErrorContains(t, err, "append derived metrics: disk is gone")
	r.fail = nil
	_, err = b.Write(t.Context(), start.Add(30*time.Second))
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1}, r.values(`{__name__="c_total", k="a"}`))
}

func TestRefusedAndDroppedSamplesLeaveTheOthers(t *testing.T) {
	r := newRecorder()
	r.judge = func(ls labels.Labels) (bool, error) {
		if ls.Get("k") == "limit" {
			return false, storage.ErrSeriesLimit
		}
		return ls.Get("k") == "drop", nil
	}
	account := ingest.NewAccount(prometheus.NewRegistry())
	b := derived.New[string](derived.Options{
		Source: "test", Layout: counterLayout(), Timing: timing(), Metrics: r, Account: account, Registerer: prometheus.NewRegistry(),
	}, start.UnixMilli())
	b.Lock()
	for _, k := range []string{"limit", "drop", "fine"} {
		b.Put(k, labels.FromStrings("k", k), start.UnixNano()).Add(0, 1, start.UnixNano())
	}
	b.Unlock()
	for _, s := range []int{15, 30} {
		n, err := b.Write(t.Context(), start.Add(time.Duration(s)*time.Second))
		require.NoError(t, err)
		require.Equal(t, 3-s/15, n)
	}
	require.Len(t, r.series, 1)
	require.Equal(t, []float64{0, 1, 1}, r.values(`{__name__="c_total", k="fine"}`))
	refused := account.Rejections()
	require.Len(t, refused, 1)
	require.Equal(t, ingest.ReasonSeriesLimit, refused[0].Reason)
	require.Equal(t, int64(4), refused[0].Rows, "zeros are tried again")
	require.Contains(t, refused[0].Example, `k="limit"`)
}

func TestRunWritesAtEachIntervalAndOnceMoreAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		b := book(r, counterLayout(), timing(), prometheus.NewRegistry(), time.Now())
		b.Lock()
		b.Put("a", labels.FromStrings("k", "a"), time.Now().UnixNano()).Add(0, 1, time.Now().UnixNano())
		b.Unlock()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx, nil) }()
		time.Sleep(31 * time.Second)
		cancel()
		require.NoError(t, <-done)
		require.Equal(t, []float64{0, 1, 1, 1}, r.values(`{__name__="c_total", k="a"}`))
	})
}

// observed writes a set with these durations once.
func observed(t *testing.T, form derived.Form, ns ...int64) *recorder {
	t.Helper()
	r := newRecorder()
	b := book(r, latencyLayout(form), timing(), prometheus.NewRegistry(), start)
	b.Lock()
	s := b.Put("a", labels.EmptyLabels(), start.UnixNano())
	for _, n := range ns {
		b.Observe(s, 0, n)
	}
	b.Unlock()
	_, err := b.Write(t.Context(), start.Add(time.Second))
	require.NoError(t, err)
	return r
}

func TestClassicBucketsIncludeTheirBounds(t *testing.T) {
	r := observed(t, derived.Form{Classic: true, Buckets: []float64{0.002, 1, 4.1}}, 0, 2e6, 2e6+1, 1e9, 4.1e9, 4.1e9+1)
	for le, want := range map[string]float64{"0.002": 2, "1.0": 4, "4.1": 5, "+Inf": 6} {
		require.Equal(t, []float64{0, want}, r.values(`{__name__="lat_bucket", le="`+le+`"}`), le)
	}
	require.Equal(t, []float64{0, 6}, r.values(`{__name__="lat_count"}`))
	require.InDelta(t, 9.204000002, r.values(`{__name__="lat_sum"}`)[1], 1e-9)
	require.Empty(t, r.series[`{__name__="lat"}`])
}

func TestAHistogramThatObservedNothingHasNoSeries(t *testing.T) {
	r := observed(t, derived.Form{Classic: true, Native: true, Buckets: []float64{1}})
	require.Empty(t, r.series)
}

// The reference for native histograms is Prometheus' client.
func TestNativeHistogramsAreThoseOfPrometheusClient(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var ns []int64
	ref := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lat", NativeHistogramBucketFactor: 1.1})
	for range 5000 {
		n := int64(math.Exp(rnd.Float64() * math.Log(1e12)))
		ns = append(ns, n)
	}
	ns = append(ns, 0, 0, 1, 5e8, 1e9, 2e9, 4e9, math.MaxInt64) // bounds of buckets among them
	for _, n := range ns {
		ref.Observe(float64(n) / 1e9)
	}
	var m dto.Metric
	require.NoError(t, ref.Write(&m))
	r := observed(t, derived.Form{Native: true}, ns...)
	got := r.series[`{__name__="lat"}`]
	require.Len(t, got, 2)
	zero, h := got[0].h, got[1].h
	require.NoError(t, zero.Validate())
	require.Zero(t, zero.Count)
	require.NoError(t, h.Validate())
	require.Equal(t, m.Histogram.GetSchema(), h.Schema)
	require.Equal(t, m.Histogram.GetZeroThreshold(), h.ZeroThreshold)
	require.Equal(t, m.Histogram.GetZeroCount(), h.ZeroCount)
	require.Equal(t, m.Histogram.GetSampleCount(), h.Count)
	require.Equal(t, clientBuckets(&m), buckets(h))
}

func clientBuckets(m *dto.Metric) map[int]int64 {
	out, at, n, j := map[int]int64{}, 0, int64(0), 0
	for _, s := range m.Histogram.PositiveSpan {
		at += int(s.GetOffset())
		for range s.GetLength() {
			n += m.Histogram.PositiveDelta[j]
			if n != 0 {
				out[at] = n
			}
			at, j = at+1, j+1
		}
	}
	return out
}

func buckets(h *histogram.Histogram) map[int]int64 {
	out := map[int]int64{}
	for it := h.PositiveBucketIterator(); it.Next(); {
		if b := it.At(); b.Count != 0 {
			out[int(b.Index)] = int64(b.Count)
		}
	}
	return out
}

func TestAWrittenHistogramDoesNotChange(t *testing.T) {
	r := newRecorder()
	b := book(r, latencyLayout(derived.Form{Native: true}), timing(), prometheus.NewRegistry(), start)
	b.Lock()
	s := b.Put("a", labels.EmptyLabels(), start.UnixNano())
	b.Observe(s, 0, 1e9)
	b.Unlock()
	_, err := b.Write(t.Context(), start.Add(time.Second))
	require.NoError(t, err)
	before := r.series[`{__name__="lat"}`][1].h.Copy()
	b.Lock()
	b.Observe(s, 0, 1e9)
	b.Observe(s, 0, 1)
	b.Unlock()
	_, err = b.Write(t.Context(), start.Add(2*time.Second))
	require.NoError(t, err)
	require.Equal(t, before, r.series[`{__name__="lat"}`][1].h)
	require.Equal(t, uint64(3), r.series[`{__name__="lat"}`][2].h.Count)
}

func TestTheSlowestSpanOfAnIntervalIsItsExemplar(t *testing.T) {
	r := newRecorder()
	reg := prometheus.NewRegistry()
	b := book(r, latencyLayout(derived.Form{Classic: true, Native: true, Buckets: []float64{0.1, 1}}), timing(), reg, start)
	b.Lock()
	s := b.Put("a", labels.EmptyLabels(), start.UnixNano())
	for i, ns := range []int64{5e7, 5e8, 2e8} {
		b.Observe(s, 0, ns)
		s.Show(derived.Exemplar{TraceID: model.TraceID{1}, SpanID: model.SpanID{byte(i + 1)}, Duration: ns, End: start.UnixNano() + 5e6})
	}
	b.Unlock()
	_, err := b.Write(t.Context(), start.Add(time.Second))
	require.NoError(t, err)
	_, err = b.Write(t.Context(), start.Add(2*time.Second))
	require.NoError(t, err)
	want := []exemplar.Exemplar{{
		Labels: labels.FromStrings("trace_id", "01000000000000000000000000000000", "span_id", "0200000000000000"),
		Value:  0.5, Ts: start.UnixMilli() + 5, HasTs: true,
	}}
	for _, name := range []string{`{__name__="lat_bucket", le="1.0"}`, `{__name__="lat"}`} {
		require.Equal(t, want, r.series[name][1].exemplars, name)
		require.Empty(t, r.series[name][2].exemplars, "once")
	}
	require.Empty(t, r.series[`{__name__="lat_bucket", le="0.1"}`][1].exemplars)
	require.Empty(t, r.series[`{__name__="lat_bucket", le="+Inf"}`][1].exemplars)
	n, err := testutil.GatherAndCount(reg, "oriel_derived_exemplars_total")
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestExemplarsOfASeriesAreInOrder(t *testing.T) {
	r := newRecorder()
	b := book(r, latencyLayout(derived.Form{Native: true}), timing(), prometheus.NewRegistry(), start)
	b.Lock()
	s := b.Put("a", labels.EmptyLabels(), start.UnixNano())
	b.Observe(s, 0, 1)
	b.Unlock()
	for i, end := range []int64{5e8, 2e8, 99e9} { // the second earlier, the third of the future
		b.Lock()
		s.Show(derived.Exemplar{TraceID: model.TraceID{1}, SpanID: model.SpanID{1}, End: start.UnixNano() + end})
		b.Unlock()
		_, err := b.Write(t.Context(), start.Add(time.Duration(i+1)*time.Second))
		require.NoError(t, err)
	}
	var at []int64
	for _, s := range r.series[`{__name__="lat"}`] {
		for _, e := range s.exemplars {
			at = append(at, e.Ts-start.UnixMilli())
		}
	}
	require.Equal(t, []int64{500, 2000, 3000}, at)
}

func TestCountsWithinTheDelay(t *testing.T) {
	tm := derived.Timing{MaxDelay: time.Minute}
	now := start.UnixNano()
	for end, want := range map[int64]bool{
		now: true, now - 60e9: true, now - 60e9 - 1: false, now + 60e9: true, now + 60e9 + 1: false,
	} {
		require.Equal(t, want, tm.Counts(end, now))
	}
	require.True(t, derived.Timing{}.Counts(0, now), "0 counts all")
}

func TestFaultyTimingAndFormNameTheirKeys(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{derived.Timing{StaleAfter: time.Hour, MaxLabelSets: 1}.Validate(), "interval: 0s is not within 1s and 2m"},
		{derived.Timing{Interval: time.Second, StaleAfter: time.Second, MaxLabelSets: 1}.Validate(), "stale_after: 1s is below 1m"},
		{derived.Timing{Interval: time.Second, StaleAfter: time.Hour}.Validate(), "max_label_sets: 0 is not positive"},
		{derived.Timing{Interval: time.Second, StaleAfter: time.Hour, MaxLabelSets: 1, MaxDelay: -1}.Validate(), "max_delay: -1ns is negative"},
		{derived.Form{}.Validate(), "classic and native: histograms need one"},
		{derived.Form{Classic: true}.Validate(), "buckets: must not be empty"},
		{derived.Form{Classic: true, Buckets: []float64{1, 1}}.Validate(), "buckets[1]: 1 is not above the bound before, 1"},
		{derived.Form{Native: true, Buckets: []float64{math.NaN()}}.Validate(), "buckets[0]: NaN"},
		{derived.Form{Native: true, Buckets: []float64{0}}.Validate(), "buckets[0]: 0 is not within"},
	} {
		require.ErrorContains(t, tt.err, tt.want)
	}
	require.NoError(t, timing().Validate())
	require.NoError(t, derived.Form{Native: true}.Validate())
}

func TestLabelsAreShortAndValid(t *testing.T) {
	long := make([]byte, 0, 2000)
	for range 1000 {
		long = append(long, "é"...)
	}
	for in, want := range map[string]string{
		"": "", "GET /": "GET /", "a\xffb": "a\uFFFDb", string(long): string(long[:512]), "x" + string(long): "x" + string(long[:510]),
	} {
		require.Equal(t, want, derived.Label(in))
	}
}
