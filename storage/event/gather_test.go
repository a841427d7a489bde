package event

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Rows of several batches, picked in any order, have the attributes that they
// had there: keys of every row, of most, of few and of one; keys of one batch
// alone; and none of rows that are not picked.
func TestPickedRowsKeepTheirAttributes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	attr := func(row int, key string, everyth int) model.Value {
		if row%everyth != 0 {
			return model.Value{}
		}
		return model.String(fmt.Sprint(key, row))
	}
	every := map[string]int{"all": 1, "most": 2, "some": 7, "few": 50, "one": 1000}
	var srcs []*model.Batch
	next := 0
	for src, rows := range []int{300, 1, 200, 500, 0, 40} {
		bd := model.NewBuilder(model.Logs, rows)
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
		for range rows {
			bd.Row(st, int64(next), fmt.Sprint(next))
			for key, n := range every {
				bd.Attr(key, attr(next, key, n))
			}
			if src == 3 {
				bd.Attr("own", model.Int(int64(next)))
			}
			next++
		}
		srcs = append(srcs, bd.Batch())
	}
	for _, share := range []float64{1, 0.5, 0.02} {
		var picks []pick
		for i, b := range srcs {
			for row := range b.Len() {
				if rnd.Float64() < share {
					picks = append(picks, pick{uint32(i), uint32(row)})
				}
			}
		}
		rnd.Shuffle(len(picks), func(i, j int) { picks[i], picks[j] = picks[j], picks[i] })
		got := gather(model.Logs, srcs, picks, nil)
		require.NoError(t, got.Check())
		require.Equal(t, len(picks), got.Len())
		for _, c := range got.Attrs {
			require.NotEmpty(t, c.Vals, c.Key)
			require.Equal(t, len(c.Vals) == got.Len(), c.Rows == nil, c.Key)
		}
		columns := map[string]*model.Column{}
		for _, c := range got.Attrs {
			columns[c.Key] = c
		}
		at := func(key string, i int) model.Value {
			if columns[key] == nil {
				return model.Value{}
			}
			return columns[key].At(i)
		}
		for i, k := range picks {
			row := int(got.Time[i])
			require.Equal(t, srcs[k.src].Time[k.row], got.Time[i])
			require.Equal(t, fmt.Sprint(row), got.Body[i])
			for key, n := range every {
				require.Equal(t, attr(row, key, n), at(key, i), "%s of row %d", key, row)
			}
			require.Equal(t, k.src == 3, !at("own", i).IsNone())
		}
		some := gather(model.Logs, srcs, picks, &storage.Projection{Attrs: []string{"most"}})
		require.Nil(t, some.Body)
		require.Len(t, some.Attrs, 1)
		require.Equal(t, columns["most"], some.Attrs[0])
	}
}
