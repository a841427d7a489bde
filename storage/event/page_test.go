package event

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// TestPagesAreWhatTheLibraryReads reads every column of every granule twice.
func TestPagesAreWhatTheLibraryReads(t *testing.T) {
	t.Run("version 1", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "v1"))))
		cfg := DefaultConfig()
		cfg.Dir, cfg.Retention = dir, 0
		s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		require.NotEmpty(t, s.tables[0].parts)
		require.NotEmpty(t, s.tables[1].parts)
		for _, table := range s.tables {
			requireSamePages(t, table)
		}
	})
	t.Run("several pages a column", func(t *testing.T) {
		s, err := openTiny(vfs.NewMem())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		bd := model.NewBuilder(model.Logs, 12)
		for i := range 12 {
			bd.Row(bd.Stream(&model.Stream{}), someDay+int64(i), strings.Repeat(string(rune('a'+i)), 1<<20))
			if i%2 == 0 {
				bd.Attr("large", model.String(strings.Repeat("v", 2<<20)))
			}
		}
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
		require.Greater(t, requireSamePages(t, s.tables[0]), 1)
	})
}

// requireSamePages returns the most pages that a column has.
func requireSamePages(t *testing.T, table *table) (most int) {
	for _, p := range table.parts {
		p.enter()
		defer p.leave()
		file := libraryFile(t, p)
		for g := range p.meta.Granules {
			b, err := newBlock(p, table.signal, g)
			require.NoError(t, err)
			for leaf, column := range file.Schema().Columns() {
				got, err := b.readPages(leaf, b.scratch)
				require.NoError(t, err)
				most = max(most, len(got))
				requirePages(t, file.RowGroups()[g].ColumnChunks()[leaf], column[0], got)
			}
		}
	}
	return most
}

// libraryFile opens events.parquet of a part by the library.
func libraryFile(t *testing.T, p *part) *parquet.File {
	_, err := p.events()
	require.NoError(t, err)
	f, err := parquet.OpenFile(p.reader, p.reader.size)
	require.NoError(t, err)
	return f
}

func requirePages(t *testing.T, chunk parquet.ColumnChunk, name string, got []*page) {
	pages := chunk.Pages()
	defer func() { require.NoError(t, pages.Close()) }()
	for i := 0; ; i++ {
		want, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			require.Len(t, got, i, name)
			return
		}
		require.NoError(t, err)
		require.Greater(t, len(got), i, name)
		pg := got[i]
		require.EqualValues(t, want.NumValues(), pg.rows, name)
		require.EqualValues(t, want.NumNulls(), pg.rows-pg.values, name)
		if pg.values < pg.rows {
			require.Equal(t, want.DefinitionLevels(), pg.levels, name)
		}
		data, err := pg.data()
		require.NoError(t, err)
		kind := pg.kind
		wanted := want.Data()
		if d := want.Dictionary(); d != nil {
			require.NotNil(t, pg.words, name)
			require.Equal(t, wanted.Int32(), data.Int32(), name)
			data, wanted = *pg.words, d.Page().Data()
		}
		switch kind {
		case parquet.ByteArray:
			wantRaw, wantEnds := wanted.ByteArray()
			raw, ends := data.ByteArray()
			require.Equal(t, slices.Collect(pieces(wantRaw, wantEnds)), slices.Collect(pieces(raw, ends)), name)
		default:
			wantRaw, _ := wanted.Data()
			raw, _ := data.Data()
			require.Equal(t, append([]byte{}, wantRaw...), append([]byte{}, raw...), name)
		}
		parquet.Release(want)
	}
}

func pieces(raw []byte, ends []uint32) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 1; i < len(ends); i++ {
			if !yield(string(raw[ends[i-1]:ends[i]])) {
				return
			}
		}
	}
}

// FuzzParsePageHeader looks that no bytes make the parser panic or read beyond
// them.
func FuzzParsePageHeader(f *testing.F) {
	f.Add([]byte("\x15\x06\x15\x20\x15\x24\x5c\x15\x08\x15\x02\x15\x08\x15\x00\x15\x04\x15\x00\x12\x00\x00"))
	f.Add([]byte("\x15\x04\x15\x20\x15\x24\x4c\x15\x08\x15\x00\x12\x00\x00"))
	f.Add([]byte("\x15\x06\x19\xf8\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := parsePageHeader(b)
		if err != nil {
			return
		}
		require.LessOrEqual(t, n, len(b))
		require.GreaterOrEqual(t, h.rows, h.nulls)
	})
}

func TestParsePageHeader(t *testing.T) {
	data, n, err := parsePageHeader([]byte("\x15\x06\x15\x20\x15\x24\x5c\x15\x08\x15\x02\x15\x08\x15\x00\x15\x04\x15\x00\x12\x00\x00rest"))
	require.NoError(t, err)
	require.Equal(t, 22, n)
	require.Equal(t, pageHeader{kind: 3, size: 16, packed: 18, rows: 4, nulls: 1, levels: 2, uncompressed: true}, data)
	for name, bad := range map[string]string{
		"nothing":              "",
		"cut off":              "\x15\x06\x15",
		"a page of version 1":  "\x15\x00\x15\x20\x15\x24\x00",
		"a negative size":      "\x15\x06\x15\x21\x15\x24\x00",
		"more nulls than rows": "\x15\x06\x15\x20\x15\x24\x5c\x15\x08\x15\x0a\x00\x00",
		"an unknown type":      "\x15\x06\x1f\x00\x00",
		"endless nesting":      strings.Repeat("\x1c", 100),
	} {
		_, _, err := parsePageHeader([]byte(bad))
		require.Error(t, err, name)
	}
}
