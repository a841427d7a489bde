package event

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

func TestCellsArePutInPlace(t *testing.T) {
	places := make([]uint32, 10)
	for _, n := range []int{1, 7, 10, 0} { // one after the other, with the same room
		var want, cells []cell
		for row := range n {
			want = append(want, cell{uint32(10 - n + row), model.Int(int64(row))})
		}
		cells = append(cells, want...)
		rand.Shuffle(n, func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		require.ElementsMatch(t, want, cells)
		require.Equal(t, append([]cell{}, want...), inPlace(cells, places))
		require.Equal(t, make([]uint32, 10), places)
	}
}
