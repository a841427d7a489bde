package storage_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestBucketRange(t *testing.T) {
	const first, last = math.MinInt64, math.MaxInt64
	for _, tt := range []struct {
		name               string
		step, origin, time int64
		want               model.Range
	}{
		{"no step", 0, 7, 100, model.Range{Start: -5, End: 1000}},
		{"at the start", 10, 0, 20, model.Range{Start: 20, End: 30}},
		{"at the end", 10, 0, 29, model.Range{Start: 20, End: 30}},
		{"negative", 10, 0, -1, model.Range{Start: -10, End: 0}},
		{"an origin in between", 10, 3, 2, model.Range{Start: -7, End: 3}},
		{"an origin far away", 10, 1_000_003, 2, model.Range{Start: -7, End: 3}},
		{"an origin farther than int64 reaches", 10, last, first + 15, model.Range{Start: first + 15, End: first + 25}},
		{"beyond the first time", 100, 0, first + 1, model.Range{Start: first, End: first + 8}},
		{"beyond the last time", 100, 0, last - 1, model.Range{Start: last - 7, End: last}},
		{"the longest step", last, 0, -1, model.Range{Start: -last, End: 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := storage.Aggregate{Range: model.Range{Start: -5, End: 1000}, Step: tt.step, Origin: tt.origin}
			require.Equal(t, tt.want, a.BucketRange(tt.time))
			require.Equal(t, tt.want.Start, a.BucketStart(tt.time))
		})
	}
}

// TestBucketRangeAgreesWithUnboundedIntegers checks what overflow must not
// change.
func TestBucketRangeAgreesWithUnboundedIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := storage.Aggregate{Step: rapid.Int64Range(1, math.MaxInt64).Draw(t, "step"), Origin: rapid.Int64().Draw(t, "origin")}
		at := rapid.Int64().Draw(t, "time")
		d := new(big.Int).Sub(big.NewInt(at), big.NewInt(a.Origin))
		d.Mod(d, big.NewInt(a.Step)) // Euclidean
		start := new(big.Int).Sub(big.NewInt(at), d)
		end := new(big.Int).Add(start, big.NewInt(a.Step))
		want := model.Range{Start: math.MinInt64, End: math.MaxInt64}
		if start.IsInt64() {
			want.Start = start.Int64()
		}
		if end.IsInt64() {
			want.End = end.Int64()
		}
		require.Equal(t, want, a.BucketRange(at))
	})
}

func TestNumbersOfABucket(t *testing.T) {
	b := storage.NewBucket(5)
	for _, v := range []model.Value{
		model.Int(3), model.Float(-1.5), model.String("2e1"), model.String("x"), model.Float(math.NaN()), model.Bool(true), model.String("+Inf"),
	} {
		x, ok := storage.NumberOf(v)
		b.AddNumber(x, ok)
	}
	require.EqualValues(t, 5, b.Numbers)
	require.EqualValues(t, 2, b.Others)
	require.True(t, math.IsNaN(b.Sum))
	require.Equal(t, -1.5, b.Min)
	require.True(t, math.IsInf(b.Max, 1))

	other := storage.NewBucket(5)
	other.Rows = 2
	other.AddNumber(-7, true)
	b.Merge(other)
	require.Equal(t, -7.0, b.Min)
	require.EqualValues(t, 2, b.Rows)
	require.EqualValues(t, 6, b.Numbers)
	empty := storage.NewBucket(5)
	empty.Merge(storage.NewBucket(5))
	require.True(t, math.IsNaN(empty.Min))
	require.True(t, math.IsNaN(empty.Max))
}
