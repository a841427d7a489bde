package nativehist_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/nativehist"
)

// The client library of Prometheus is the judge.
func TestAHistogramIsTheClientLibrarys(t *testing.T) {
	for schema, factor := range map[int32]float64{5: 1.03, 3: 1.1, 0: 2, -2: 16} {
		theirs := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: factor})
		ours := nativehist.New(schema, nativehist.MaxBuckets)
		r := rand.New(rand.NewPCG(1, 2))
		observe := func(v float64) {
			theirs.Observe(v)
			ours.Observe(v, 1)
		}
		for range 300 {
			observe(math.Exp(r.NormFloat64() / 4))
			observe(-math.Exp(r.NormFloat64() / 8))
		}
		for _, v := range []float64{0, 1, 2, 4, 0.5, -1, 1e-300} {
			observe(v)
		}
		var m dto.Metric
		require.NoError(t, theirs.Write(&m))
		want, got := m.GetHistogram(), ours.Snapshot()
		require.NoError(t, got.Validate())
		require.Equal(t, want.GetSchema(), got.Schema)
		require.Equal(t, want.GetSampleCount(), got.Count)
		require.InDelta(t, want.GetSampleSum(), got.Sum, 1e-6)
		require.Equal(t, want.GetZeroCount(), got.ZeroCount)
		require.Equal(t, want.GetZeroThreshold(), got.ZeroThreshold)
		buckets := map[int32]uint64{}
		for it := got.PositiveBucketIterator(); it.Next(); {
			if b := it.At(); b.Count > 0 {
				buckets[b.Index] = b.Count
			}
		}
		require.Equal(t, bucketsOf(want.GetPositiveSpan(), want.GetPositiveDelta()), buckets)
		buckets = map[int32]uint64{}
		for it := got.NegativeBucketIterator(); it.Next(); {
			if b := it.At(); b.Count > 0 {
				buckets[b.Index] = b.Count
			}
		}
		require.Equal(t, bucketsOf(want.GetNegativeSpan(), want.GetNegativeDelta()), buckets)
	}
}

func bucketsOf(spans []*dto.BucketSpan, deltas []int64) map[int32]uint64 {
	out := map[int32]uint64{}
	i, n := int32(0), int64(0)
	for _, s := range spans {
		i += s.GetOffset()
		for range s.GetLength() {
			n += deltas[0]
			deltas = deltas[1:]
			if n > 0 {
				out[i] = uint64(n)
			}
			i++
		}
	}
	return out
}

func TestTooManyBucketsMakeThemWider(t *testing.T) {
	h := nativehist.New(5, nativehist.MaxBuckets)
	for i := range 2000 {
		h.Observe(math.Pow(1.05, float64(i-1000)), 3)
	}
	got := h.Snapshot()
	require.NoError(t, got.Validate())
	require.EqualValues(t, 6000, got.Count)
	require.Less(t, got.Schema, int32(5))
	require.LessOrEqual(t, len(got.PositiveBuckets), 160)
}
