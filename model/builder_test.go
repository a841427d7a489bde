package model_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

func TestKeysOfRowsComeInAnyOrder(t *testing.T) {
	rows := []string{"abc", "abc", "ac", "cba", "", "dab", "aab", "abcd", "d"}
	bd := model.NewBuilder(model.Logs, len(rows))
	ref := bd.Stream(&model.Stream{})
	want := map[string][]model.Value{}
	for i, keys := range rows {
		bd.Row(ref, int64(i), "l")
		for j, key := range strings.Split(keys, "") {
			bd.Attr(key, model.Int(int64(10*i+j)))
			if want[key] == nil {
				want[key] = make([]model.Value, len(rows))
			}
			want[key][i] = model.Int(int64(10*i + j)) // the second a of a row too
		}
	}
	b := bd.Batch()
	require.NoError(t, b.Check())
	require.Len(t, b.Attrs, len(want))
	for _, c := range b.Attrs {
		for i := range rows {
			require.Equal(t, want[c.Key][i], c.At(i), "%s of row %d", c.Key, i)
		}
	}
}
