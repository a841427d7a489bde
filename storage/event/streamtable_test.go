package event

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

func streamNamed(name string) *model.Stream {
	return &model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(name)}}}
}

func TestStreamTableCountsRowsAndBytesByGranule(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	type cell struct {
		stream string
		g      int
	}
	rows, bytes := map[cell]int64{}, map[cell]int64{}
	var metas []granuleMeta
	tb := newTableBuilder()
	for g := range 20 {
		bd := model.NewBuilder(model.Logs, 0)
		n := 1 + rnd.IntN(200)
		for range n {
			name := fmt.Sprint(rnd.IntN(10 + g))
			body := fmt.Sprint(rnd.Uint64() >> rnd.IntN(64))
			bd.Row(bd.Stream(streamNamed(name)), 0, body) // equal streams at different addresses
			rows[cell{name, g}]++
			bytes[cell{name, g}] += int64(len(body))
		}
		b := bd.Batch()
		b.Streams = append(b.Streams, streamNamed("without rows"))
		refs := tb.add(b, g)
		for i, s := range b.Streams {
			require.Equal(t, s.Attr("app"), tb.table.streams[refs[i]].Attr("app"))
		}
		metas = append(metas, granuleMeta{Rows: n})
	}

	table, err := parseStreamTable(string(appendStreamTable(nil, tb.done())), model.ParseStream)
	require.NoError(t, err)
	total := int64(0)
	for i, s := range table.streams {
		name := s.Attr("app").Str()
		last := -1
		require.NoError(t, table.counts(i, metas, func(g int, n, size int64) {
			require.Greater(t, g, last)
			last = g
			require.Equal(t, rows[cell{name, g}], n)
			require.Equal(t, bytes[cell{name, g}], size)
			delete(rows, cell{name, g})
		}))
		total += table.rows[i]
	}
	require.Empty(t, rows, "rows that the table lacks")
	for _, m := range metas {
		total -= int64(m.Rows)
	}
	require.Zero(t, total)
}

func TestStreamTableRefusesWhatDoesNotAddUp(t *testing.T) {
	metas := []granuleMeta{{Rows: 10}, {Rows: 5}}
	list := func(ns ...uint64) string {
		var b []byte
		for _, n := range ns {
			b = binary.AppendUvarint(b, n)
		}
		return string(b)
	}
	for _, tt := range []struct {
		name        string
		rows, bytes int64
		list        string
		ok          bool
	}{
		{"as it should be", 12, 30, list(0, 10, 10, 1, 2, 20), true},
		{"no granule", 0, 0, "", true},
		{"rows without a granule", 1, 0, "", false},
		{"too many rows", 13, 30, list(0, 10, 10, 1, 2, 20), false},
		{"too few bytes", 12, 29, list(0, 10, 10, 1, 2, 20), false},
		{"a granule that is not there", 1, 0, list(2, 1, 0), false},
		{"a granule far off", 1, 0, list(1<<63, 1, 0), false},
		{"more rows than the granule has", 11, 0, list(0, 11, 0), false},
		{"a granule without rows", 0, 0, list(0, 0, 0), false},
		{"cut off", 10, 0, list(0, 10), false},
		{"an endless number", 1, 1, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table := &streamTable{streams: []*model.Stream{{}}, rows: []int64{tt.rows}, bytes: []int64{tt.bytes}, granules: []string{tt.list}}
			err := table.counts(0, metas, func(g int, _, _ int64) { require.Less(t, g, len(metas)) })
			require.Equal(t, tt.ok, err == nil, "%v", err)
			parsed, err := parseStreamTable(string(appendStreamTable(nil, table)), model.ParseStream)
			require.NoError(t, err)
			require.Equal(t, table, parsed)
		})
	}
}

func FuzzStreamTable(f *testing.F) {
	tb := newTableBuilder()
	bd := model.NewBuilder(model.Logs, 2)
	bd.Row(bd.Stream(streamNamed("a")), 1, "one")
	bd.Row(bd.Stream(streamNamed("b")), 2, "two")
	b := bd.Batch()
	tb.add(b, 0)
	tb.add(b, 2)
	f.Add(appendStreamTable(nil, tb.done()))
	f.Add([]byte{})
	metas := []granuleMeta{{Rows: 2}, {Rows: 4096}, {Rows: 2}}
	f.Fuzz(func(t *testing.T, p []byte) {
		table, err := parseStreamTable(string(p), model.ParseStream)
		if err != nil {
			return
		}
		for i := range table.streams {
			_ = table.counts(i, metas, func(g int, n, _ int64) {
				require.LessOrEqual(t, n, int64(metas[g].Rows))
			})
		}
		again, err := parseStreamTable(string(appendStreamTable(nil, table)), model.ParseStream)
		require.NoError(t, err)
		require.Equal(t, table.granules, again.granules)
	})
}
