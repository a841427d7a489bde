package fulltext

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBloomFindsAllAndLittleElse(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	w := bloomWriter{w: bufio.NewWriter(&out)}
	const granules = 70 // a full stripe and one that is not
	var all [granules][]uint64
	for g := range all {
		for range 5000 + rnd.IntN(1000) {
			all[g] = append(all[g], rnd.Uint64())
		}
		require.NoError(t, w.add(all[g]))
	}
	require.NoError(t, w.close())
	b, err := openBloom(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	require.Len(t, b.stripes, 2)
	var room []byte
	require.Less(t, out.Len()*8, granules*6000*18, "about 16 bits a hash")

	for g := range all {
		for range 20 {
			found, err := b.lookup(all[g][rnd.IntN(len(all[g]))], &room)
			require.NoError(t, err)
			require.True(t, found.Test(uint(g)))
		}
	}
	wrong := uint(0)
	const absent = 3000
	for range absent {
		found, err := b.lookup(rnd.Uint64(), &room)
		require.NoError(t, err)
		wrong += found.Count()
	}
	require.Less(t, float64(wrong)/(absent*granules), 0.0015)
}

func TestOneHugeGranuleDoesNotSwellItsStripe(t *testing.T) {
	ends, at := []int{}, 0
	for g := range 64 {
		at += 1000
		if g == 7 {
			at += 100000
		}
		ends = append(ends, at)
	}
	mean := at / 64
	require.LessOrEqual(t, stripeBlocks(ends)*blockRows, bitsPerHash*2*mean+blockRows)
}

func TestHashSetGrowsAndShrinksBack(t *testing.T) {
	var s hashSet
	s.reset()
	for i := range uint64(hashSetSize) {
		require.True(t, s.add(finish(i+1)))
	}
	for i := range uint64(hashSetSize) {
		require.False(t, s.add(finish(i+1)))
	}
	require.Len(t, s.list, hashSetSize)
	s.reset()
	require.Len(t, s.slots, hashSetSize)
	require.True(t, s.add(finish(1)))
}
