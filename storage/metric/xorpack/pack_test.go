package xorpack

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
)

func encode(t testing.TB, samples []sample) []byte {
	t.Helper()
	c := chunkenc.NewXORChunk()
	app, err := c.Appender()
	require.NoError(t, err)
	for _, s := range samples {
		app.Append(0, s.t, s.v)
	}
	return c.Bytes()
}

// decode returns times and the bits of values, so that NaN equals itself.
func decode(t testing.TB, data []byte) (times []int64, values []uint64) {
	t.Helper()
	c, err := chunkenc.FromData(chunkenc.EncXOR, data)
	require.NoError(t, err)
	it := c.Iterator(nil)
	for it.Next() != chunkenc.ValNone {
		at, v := it.At()
		times, values = append(times, at), append(values, math.Float64bits(v))
	}
	require.NoError(t, it.Err())
	return times, values
}

func requirePacks(t testing.TB, p *Packer, data []byte) (packed []byte) {
	t.Helper()
	packed, last, err := p.Pack(data, math.MaxInt64)
	require.NoError(t, err)
	require.LessOrEqual(t, len(packed), len(data))
	times, values := decode(t, data)
	packedTimes, packedValues := decode(t, packed)
	require.Equal(t, times, packedTimes)
	require.Equal(t, values, packedValues)
	require.Equal(t, times[len(times)-1], last)
	return packed
}

func series(n int, next func(i int, before float64) float64, jitter func() int64) []sample {
	out := make([]sample, n)
	v := 0.0
	for i := range out {
		v = next(i, v)
		out[i] = sample{1_700_000_000_000 + int64(i)*15_000 + jitter(), v}
	}
	return out
}

func steady() int64 { return 0 }

func TestPackedChunksHoldTheSameSamples(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	specials := []float64{0, math.Copysign(0, -1), 1, math.NaN(), math.Float64frombits(value.StaleNaN), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	var p Packer
	for name, next := range map[string]func(int, float64) float64{
		"counter":        func(_ int, v float64) float64 { return v + float64(rnd.IntN(1000)) },
		"seconds":        func(_ int, v float64) float64 { return math.Round((v+rnd.Float64()*15)*1000) / 1000 },
		"resting":        func(i int, v float64) float64 { return v + float64(i%7/6*rnd.IntN(10)) },
		"any bits":       func(int, float64) float64 { return math.Float64frombits(rnd.Uint64()) },
		"special values": func(int, float64) float64 { return specials[rnd.IntN(len(specials))] },
		"constant":       func(int, float64) float64 { return 42 },
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 4, 120, 480, 5000} {
				requirePacks(t, &p, encode(t, series(n, next, steady)))
				requirePacks(t, &p, encode(t, series(n, next, func() int64 { return rnd.Int64N(100) })))
				requirePacks(t, &p, encode(t, series(n, next, func() int64 { return rnd.Int64N(1 << rnd.IntN(40)) })))
			}
		})
	}
}

func TestTimesAtTheEdgesOfTheirRangesStay(t *testing.T) {
	var p Packer
	for _, n := range []int{14, 17, 20, 40} {
		for _, off := range []int64{-1, 0, 1} {
			for _, sign := range []int64{-1, 1} {
				late := sign*(1<<(n-1)) + off
				at := []int64{0, 1 << 41, 2 << 41, 3<<41 + late}
				requirePacks(t, &p, encode(t, []sample{{at[0], 1}, {at[1], math.Pi}, {at[2], 2}, {at[3], 3}}))
				var w writer
				w.time(late)
				if n < 40 && fits(late, n) {
					require.LessOrEqual(t, len(w.b), (n+4+7)/8)
				}
			}
		}
	}
}

// slowest is the size with the best windows there are, tried one by one.
func slowest(spans []window) int32 {
	cost := make([]int32, len(spans)+1)
	for i := len(spans) - 1; i >= 0; i-- {
		cost[i] = math.MaxInt32
		w := spans[i]
		for j := i; j < len(spans); j++ {
			w = w.union(spans[j])
			cost[i] = min(cost[i], changeBits+int32(j-i+1)*w.width()+cost[j+1])
		}
	}
	return cost[0]
}

func TestNoChoiceOfWindowsIsSmaller(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var p Packer
	for range 2000 {
		p.samples = series(2+rnd.IntN(200), func(_ int, v float64) float64 {
			if rnd.IntN(20) == 0 {
				return v + rnd.Float64()*1e6
			}
			return v + float64(rnd.IntN(1000))/8
		}, steady)
		p.measure()
		p.choose()
		require.Equal(t, slowest(p.spans), p.cost[0])
	}
}

func TestWideValueDoesNotMakeLaterOnesWide(t *testing.T) {
	data := encode(t, series(120, func(i int, v float64) float64 {
		switch i {
		case 0:
			return 1 << 30
		case 2:
			return v + math.Pi
		case 3:
			return 1 << 30
		}
		return v + 1
	}, steady))
	var p Packer
	require.Less(t, len(requirePacks(t, &p, data)), len(data)/2)
}

func TestSamplesAfterTheEndAreLeftOut(t *testing.T) {
	all := series(10, func(i int, _ float64) float64 { return float64(i) }, steady)
	data := encode(t, all)
	var p Packer
	for n := 1; n <= len(all); n++ {
		packed, last, err := p.Pack(data, all[n-1].t+1)
		require.NoError(t, err)
		require.Equal(t, all[n-1].t, last)
		times, _ := decode(t, packed)
		require.Len(t, times, n)
	}
	_, _, err := p.Pack(data, all[0].t-1)
	require.ErrorContains(t, err, "without samples")
}

func TestWhatIsNoChunkIsAnError(t *testing.T) {
	data := encode(t, series(10, func(i int, _ float64) float64 { return math.Sqrt(float64(i)) }, steady))
	var p Packer
	for _, n := range []int{0, 1, 2, 5} {
		_, _, err := p.Pack(data[:n], math.MaxInt64)
		require.Error(t, err, "%d bytes", n)
	}
}

func FuzzPack(f *testing.F) {
	f.Add(encode(f, series(20, func(i int, _ float64) float64 { return math.Sqrt(float64(i)) }, steady)))
	f.Add(encode(f, series(200, func(i int, _ float64) float64 { return float64(i) }, steady)))
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Packer
		if _, _, err := p.Pack(data, math.MaxInt64); err == nil {
			requirePacks(t, &p, data)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	data := encode(b, series(120, func(_ int, v float64) float64 { return v + float64(rnd.IntN(1000)) }, steady))
	var p Packer
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		packed, _, err := p.Pack(data, math.MaxInt64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(packed))/float64(len(data)), "packed/data")
	}
}
