package xorpack

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
)

// requireUnpacks holds Unpack to what the iterator reads.
func requireUnpacks(t testing.TB, data []byte) {
	t.Helper()
	times, values := decode(t, data)
	before := []int64{1, 2}
	gotTimes, gotValues, err := Unpack(data, before, []float64{3, 4})
	require.NoError(t, err)
	require.Equal(t, before, gotTimes[:2], "what was there stays")
	require.Equal(t, times, append([]int64(nil), gotTimes[2:]...))
	require.Len(t, gotValues, len(values)+2)
	for i, want := range values {
		require.Equal(t, want, math.Float64bits(gotValues[2+i]), "value %d of %d", i, len(values))
	}
}

func TestUnpackReadsWhatTheIteratorReads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	steady := func() int64 { return 0 }
	for name, s := range map[string][]sample{
		"no samples":     nil,
		"one sample":     {{1_700_000_000_000, 1.5}},
		"two samples":    {{1_700_000_000_000, 1.5}, {1_700_000_015_000, 2.5}},
		"constant":       series(300, func(int, float64) float64 { return 1 }, steady),
		"counter":        series(300, func(_ int, v float64) float64 { return v + float64(rnd.IntN(5000)) }, steady),
		"seldom changed": series(1000, func(i int, v float64) float64 { return v + float64(i%97/96) }, steady),
		"any bits":       series(500, func(int, float64) float64 { return math.Float64frombits(rnd.Uint64()) }, steady),
		"few ms late":    series(300, func(int, float64) float64 { return rnd.Float64() }, func() int64 { return rnd.Int64N(100) }),
		"minutes late":   series(300, func(i int, _ float64) float64 { return float64(i) }, func() int64 { return rnd.Int64N(60_000) }),
		"days apart":     series(300, func(i int, _ float64) float64 { return float64(i) }, func() int64 { return rnd.Int64N(1 << 40) }),
		"stale markers": series(300, func(i int, _ float64) float64 {
			return []float64{float64(i), math.Float64frombits(value.StaleNaN)}[i/7%2]
		}, steady),
		"odd values": series(300, func(i int, _ float64) float64 {
			return []float64{0, math.Inf(1), math.NaN(), math.Copysign(0, -1), 1e308, 5e-324}[i%6]
		}, steady),
		"first before 0": {{-5, 1}, {-4, 2}, {10, 2}, {11, 3}},
	} {
		t.Run(name, func(t *testing.T) { requireUnpacks(t, encode(t, s)) })
	}
}

// Packed chunks have windows that tsdb's do not.
func TestUnpackReadsPackedChunks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var p Packer
	for range 100 {
		s := series(1+rnd.IntN(400), func(_ int, v float64) float64 { return v + math.Round(rnd.ExpFloat64()*1e4)/100 }, func() int64 { return rnd.Int64N(20) })
		requireUnpacks(t, requirePacks(t, &p, encode(t, s)))
	}
}

func TestUnpackRefusesChunksThatEndEarly(t *testing.T) {
	data := encode(t, series(50, func(_ int, v float64) float64 { return v*1.1 + 1 }, func() int64 { return 0 }))
	for n := range data {
		if n == 0 || binary.BigEndian.Uint16(data) == 0 {
			continue
		}
		_, _, err := Unpack(data[:n], nil, nil)
		require.ErrorIs(t, err, errDamaged, "%d of %d bytes", n, len(data))
	}
}

func FuzzUnpackReadsWhatTheIteratorReads(f *testing.F) {
	f.Add(encode(f, series(40, func(i int, _ float64) float64 { return float64(i / 3) }, func() int64 { return 0 })))
	f.Add(encode(f, series(40, func(i int, _ float64) float64 { return math.Sqrt(float64(i)) }, func() int64 { return 7 })))
	f.Add([]byte{0, 3, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		times, values, err := Unpack(data, nil, nil)
		if err != nil {
			return // the iterator is asked then, which may have read some of it
		}
		c, err := chunkenc.FromData(chunkenc.EncXOR, data)
		require.NoError(t, err)
		it := c.Iterator(nil)
		n := 0
		for ; it.Next() != chunkenc.ValNone; n++ {
			at, v := it.At()
			require.Equal(t, at, times[n])
			require.Equal(t, math.Float64bits(v), math.Float64bits(values[n]))
		}
		require.NoError(t, it.Err())
		require.Len(t, times, n)
		require.Len(t, values, n)
	})
}

func BenchmarkUnpack(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	steady := func() int64 { return 0 }
	for name, s := range map[string][]sample{
		"constant": series(120, func(int, float64) float64 { return 1 }, steady),
		"counter":  series(120, func(_ int, v float64) float64 { return v + float64(rnd.IntN(5000)) }, steady),
		"gauge":    series(120, func(int, float64) float64 { return rnd.NormFloat64() }, func() int64 { return rnd.Int64N(10) }),
	} {
		data := encode(b, s)
		b.Run(name+"/unpack", func(b *testing.B) {
			var times []int64
			var values []float64
			for b.Loop() {
				times, values, _ = Unpack(data, times[:0], values[:0])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s)), "ns/sample")
		})
		b.Run(name+"/iterator", func(b *testing.B) {
			c, _ := chunkenc.FromData(chunkenc.EncXOR, data)
			var it chunkenc.Iterator
			sum := 0.0
			for b.Loop() {
				it = c.Iterator(it)
				for it.Next() != chunkenc.ValNone {
					_, v := it.At()
					sum += v
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s)), "ns/sample")
		})
	}
}
