package event

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

func TestACodeStandsForItsValue(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	c := newCoder(nil)
	codes := map[model.Value]uint32{}
	for range 50_000 { // far more than the table begins with
		n := rnd.IntN(9000)
		v := []model.Value{
			model.String(fmt.Sprint(n)), model.Bytes(fmt.Sprint(n)), model.Int(int64(n - 500)), model.Float(float64(n) / 3),
			model.Bool(n%2 == 0), model.Float(math.NaN()), model.Array("[1]"),
			{},
		}[rnd.IntN(8)]
		code := c.code(v)
		require.Equal(t, v, c.words[code])
		if was, ok := codes[v]; ok {
			require.Equal(t, was, code, "two codes of %v", v)
		}
		codes[v] = code
	}
	require.Zero(t, codes[model.Value{}])
	require.Len(t, c.words, len(codes))
}

func TestCodesOfTextAndOfNumbers(t *testing.T) {
	c := newCoder(nil)
	for i, x := range c.ints([]int64{3, -4, 3, math.MaxInt64, math.MinInt64, 3}) {
		require.Equal(t, model.Int([]int64{3, -4, 3, math.MaxInt64, math.MinInt64, 3}[i]), c.words[x])
	}
	for i, x := range c.ints([]int64{1000, 1007, 1000}) {
		require.Equal(t, model.Int([]int64{1000, 1007, 1000}[i]), c.words[x])
	}
	for range 2 {
		for i := range 3000 {
			text := fmt.Sprint("word ", i)
			require.Equal(t, model.String(text), c.words[c.text([]byte(text), model.String)])
		}
	}
	require.Less(t, len(c.words), 3010)
}

func TestSpreadPutsCodesWhereLevelsSay(t *testing.T) {
	for _, tt := range []struct {
		name   string
		codes  []uint32
		levels []byte
		want   []uint32
		ok     bool
	}{
		{"every row", []uint32{1, 2}, nil, []uint32{1, 2}, true},
		{"every row, with levels", []uint32{1, 2}, []byte{1, 1}, []uint32{1, 2}, true},
		{"some rows", []uint32{1, 2}, []byte{0, 1, 0, 1}, []uint32{0, 1, 0, 2}, true},
		{"no row", nil, []byte{0, 0}, []uint32{0, 0}, true},
		{"values lack", []uint32{1}, []byte{1, 0, 1}, nil, false},
		{"values too many", []uint32{1, 2}, []byte{1, 0}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCoder(nil)
			err := c.spread(tt.codes, tt.levels)
			require.Equal(t, tt.ok, err == nil, "%v", err)
			if tt.ok {
				require.Equal(t, tt.want, c.codes)
			}
		})
	}
}

func TestDistinctValuesAreCountedRoughly(t *testing.T) {
	for _, n := range []int64{1, 2, 10, 100, 1000, 10_000} {
		note := &keyNote{}
		for range 3 {
			for i := range n {
				note.value(model.String(fmt.Sprint("value ", i)), 1)
			}
		}
		require.InDelta(t, n, note.distinct(), 1+float64(n)/20)
		require.EqualValues(t, 3*n, note.rows)
	}
	unique := &keyNote{}
	for range 4 { // parts whose values are all different
		unique.meta(keyMeta{Kinds: []int{1}, Rows: 100, Distinct: 100})
	}
	require.EqualValues(t, 400, unique.distinct())
	same := &keyNote{}
	for range 4 { // parts with few values
		same.meta(keyMeta{Kinds: []int{1, 2}, Rows: 100, Distinct: 3})
	}
	require.EqualValues(t, 3, same.distinct())
	require.Equal(t, []model.Kind{model.KindString, model.KindInt}, same.list())
}
