package event

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// TestColumnTableSaysWhatTheLibraryReads compares all columns of all granules.
func TestColumnTableSaysWhatTheLibraryReads(t *testing.T) {
	t.Run("version 1", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "v1"))))
		cfg := DefaultConfig()
		cfg.Dir, cfg.Retention = dir, 0
		s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		for _, table := range s.tables {
			require.NotEmpty(t, table.parts)
			requireSameTables(t, table)
		}
	})
	t.Run("all kinds of columns", func(t *testing.T) {
		s, err := openTiny(vfs.NewMem())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		require.NoError(t, s.Append(t.Context(), everyKind(model.Logs)))
		require.NoError(t, s.Append(t.Context(), everyKind(model.Spans)))
		require.NoError(t, s.Flush(t.Context()))
		seen := columnFacts{}
		for _, table := range s.tables {
			seen.add(requireSameTables(t, table))
		}
		require.Positive(t, seen.words, "no dictionary")
		require.Positive(t, seen.null, "no column of nulls")
		require.Positive(t, seen.coded, "no column of codes alone")
		require.Positive(t, seen.same, "no column of one value")
		require.Positive(t, seen.text)
		require.Len(t, seen.kinds, 6)
	})
}

// everyKind is rows of three granules, with columns of all sorts: constant,
// null in a granule, repeating, and neither.
func everyKind(sig model.Signal) *model.Batch {
	const rows = 3 * granuleRows
	bd := model.NewBuilder(sig, rows)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
	for i := range rows {
		id := strconv.Itoa(i)
		if sig == model.Spans {
			bd.Span(st, model.Span{
				Start: someDay + int64(i), Name: "op" + id[:1], TraceID: model.TraceID{15: byte(i)}, SpanID: model.SpanID{7: byte(i)},
				Duration: int64(i / granuleRows), StatusMessage: []string{"", "bad", "it is worse"}[i/granuleRows],
			})
		} else {
			bd.Row(st, someDay+int64(i), `{"level":"`+[]string{"info", "warn"}[i%2]+`","n":`+id+`,"took":1.5}`)
		}
		bd.Attr("array", model.Array("["+id+"]"))
		bd.Attr("bool", model.Bool(i%3 == 0))
		bd.Attr("bytes", model.Bytes("\xff"+id))
		bd.Attr("float", model.Float(float64(i)/3))
		bd.Attr("int", model.Int(-7))
		bd.Attr("not_utf8", model.String("\xff"+id))
		bd.Attr("text", model.String("t"+id))
		bd.Attr("word", model.String("w"+id[:1]))
		if i < granuleRows {
			bd.Attr("early", model.String(id))
		}
	}
	return bd.Batch()
}

// columnFacts count columns of granules.
type columnFacts struct {
	words, null, coded, same, text int
	kinds                          map[parquet.Kind]bool
}

func (c *columnFacts) add(o columnFacts) {
	c.words, c.null, c.coded, c.same, c.text = c.words+o.words, c.null+o.null, c.coded+o.coded, c.same+o.same, c.text+o.text
	if c.kinds == nil {
		c.kinds = map[parquet.Kind]bool{}
	}
	for k := range o.kinds {
		c.kinds[k] = true
	}
}

func requireSameTables(t *testing.T, table *table) columnFacts {
	n := columnFacts{kinds: map[parquet.Kind]bool{}}
	for _, p := range table.parts {
		p.enter()
		defer p.leave()
		file := libraryFile(t, p)
		columns := file.Schema().Columns()
		require.Len(t, p.columns.leaves, len(columns))
		for i, column := range columns {
			leaf, _ := file.Schema().Lookup(column...)
			got := p.columns.leaves[i]
			require.Equal(t, column, []string{got.name})
			require.Equal(t, i, p.columns.numbers[got.name])
			require.Equal(t, leaf.Node.Type().Kind(), got.typ.Kind(), got.name)
			require.Equal(t, leaf.Node.Type().Length(), got.typ.Length(), got.name)
			require.Equal(t, leaf.Node.Type().String() == parquet.String().Type().String(), got.text, got.name)
			require.Equal(t, leaf.Node.Encoding() == &parquet.RLEDictionary, got.dict, got.name)
			n.kinds[got.typ.Kind()] = true
			if got.text {
				n.text++
			}
		}
		for g := range p.meta.Granules {
			b, err := newBlock(p, table.signal, g)
			require.NoError(t, err)
			for i := range columns {
				requireSameChunk(t, b, i, file, &n)
			}
		}
	}
	return n
}

func requireSameChunk(t *testing.T, b *block, i int, file *parquet.File, n *columnFacts) {
	want := &file.Metadata().RowGroups[b.number].Columns[i].MetaData
	chunk := file.RowGroups()[b.number].ColumnChunks()[i].(*parquet.FileColumnChunk)
	got, name := b.columns.chunk(b.number, i), b.columns.leaves[i].name

	first := want.DataPageOffset
	if want.DictionaryPageOffset > 0 {
		first = want.DictionaryPageOffset
		n.words++
	}
	require.Equal(t, first, got.first, name)
	require.Equal(t, want.DataPageOffset-first, int64(got.words), name)
	require.Equal(t, want.TotalCompressedSize, got.size, name)
	require.Equal(t, want.Codec, format.CompressionCodec(got.codec), name)

	require.Equal(t, chunk.NullCount() == int64(b.rows), b.allNull(name), name)
	if b.allNull(name) {
		n.null++
	}
	coded := slices.ContainsFunc(want.EncodingStats, func(s format.PageEncodingStats) bool { return s.PageType != format.DictionaryPage }) &&
		!slices.ContainsFunc(want.EncodingStats, func(s format.PageEncodingStats) bool {
			return s.PageType != format.DictionaryPage && s.Encoding != format.RLEDictionary
		})
	require.Equal(t, coded, got.flags&chunkCoded != 0, name)
	if coded {
		n.coded++
	}

	least, most, ok := chunk.Bounds()
	raw, kind, same := b.sameInAll(name)
	switch kind := chunk.Type().Kind(); kind {
	case parquet.Int32, parquet.Int64, parquet.ByteArray:
		require.Equal(t, ok && parquet.Equal(least, most) && chunk.NullCount() == 0, same, name)
	default:
		require.False(t, same, name)
	}
	if !same {
		return
	}
	n.same++
	require.Equal(t, chunk.Type().Kind(), kind, name)
	if kind == parquet.ByteArray {
		require.Equal(t, string(least.ByteArray()), raw, name)
	} else {
		require.Equal(t, least.Int64(), intOf(raw), name)
	}
}

func TestSizeOfColumnChunk(t *testing.T) {
	require.EqualValues(t, columnChunkSize, unsafe.Sizeof(columnChunk{}))
	require.GreaterOrEqual(t, leafSize, int(unsafe.Sizeof(leaf{})+unsafe.Sizeof("")+unsafe.Sizeof(0)))
}

// someFooter is the footer of a file of ten granules of a row, with columns a
// and b, and a dictionary of b.
func someFooter() *format.FileMetaData {
	m := &format.FileMetaData{
		Version: 2, NumRows: 10, CreatedBy: "test",
		Schema: []format.SchemaElement{
			{Name: "logs", NumChildren: thrift.New[int32](2)},
			{Name: "a", Type: thrift.New(format.Int64), RepetitionType: thrift.New(format.Required)},
			{Name: "b", Type: thrift.New(format.ByteArray), RepetitionType: thrift.New(format.Optional)},
		},
	}
	for range 10 {
		m.RowGroups = append(m.RowGroups, format.RowGroup{NumRows: 1, Columns: []format.ColumnChunk{
			{MetaData: format.ColumnMetaData{Type: format.Int64, PathInSchema: []string{"a"}, NumValues: 1, DataPageOffset: 4, TotalCompressedSize: 96}},
			{MetaData: format.ColumnMetaData{
				Type: format.ByteArray, PathInSchema: []string{"b"}, NumValues: 1, DictionaryPageOffset: 100, DataPageOffset: 200, TotalCompressedSize: 900,
				Encoding: []format.Encoding{format.RLE, format.RLEDictionary}, Statistics: format.Statistics{MinValue: []byte("x"), MaxValue: []byte("x")},
			}},
		}})
	}
	return m
}

func encodeFooter(t require.TestingT, m *format.FileMetaData) []byte {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), m)
	require.NoError(t, err)
	return b
}

var tenGranules = slices.Repeat([]granuleMeta{{Rows: 1}}, 10)

func TestFootersThatAreRefused(t *testing.T) {
	const size = 1000
	table, err := parseFooter(encodeFooter(t, someFooter()), size, tenGranules)
	require.NoError(t, err)
	require.Len(t, table.chunks, 20)
	require.Equal(t, columnChunk{first: 100, size: 900, words: 100, same: 1}, *table.chunk(9, 1))
	require.True(t, table.leaves[1].dict)

	type chunk = format.ColumnMetaData
	of := func(f func(a, b *chunk)) func(*format.FileMetaData) {
		return func(m *format.FileMetaData) {
			f(&m.RowGroups[5].Columns[0].MetaData, &m.RowGroups[5].Columns[1].MetaData)
		}
	}
	for name, change := range map[string]func(*format.FileMetaData){
		"pages beyond the end":           of(func(a, _ *chunk) { a.TotalCompressedSize = size - 3 }),
		"pages that begin beyond it":     of(func(a, _ *chunk) { a.DataPageOffset = size + 1 }),
		"an end that overflows":          of(func(a, _ *chunk) { a.TotalCompressedSize = math.MaxInt64 }),
		"a start that overflows":         of(func(a, _ *chunk) { a.DataPageOffset = math.MaxInt64 }),
		"a negative size":                of(func(a, _ *chunk) { a.TotalCompressedSize = -1 }),
		"a negative offset":              of(func(a, _ *chunk) { a.DataPageOffset = -1 }),
		"a dictionary beyond its column": of(func(_, b *chunk) { b.TotalCompressedSize = 99 }),
		"a negative codec":               of(func(a, _ *chunk) { a.Codec = -1 }),
		"a codec that is none":           of(func(a, _ *chunk) { a.Codec = 256 }),
		"another type than the schema's": of(func(a, _ *chunk) { a.Type = format.Int32 }),
		"too few columns":                func(m *format.FileMetaData) { m.RowGroups[5].Columns = m.RowGroups[5].Columns[:1] },
		"too many columns": func(m *format.FileMetaData) {
			m.RowGroups[5].Columns = append(m.RowGroups[5].Columns, m.RowGroups[5].Columns[0])
		},
		"too few granules":    func(m *format.FileMetaData) { m.RowGroups = m.RowGroups[:9] },
		"too many granules":   func(m *format.FileMetaData) { m.RowGroups = append(m.RowGroups, m.RowGroups[0]) },
		"no granules":         func(m *format.FileMetaData) { m.RowGroups = nil },
		"no schema":           func(m *format.FileMetaData) { m.Schema = nil },
		"a list":              func(m *format.FileMetaData) { m.Schema[1].RepetitionType.V = format.Repeated },
		"a group":             func(m *format.FileMetaData) { m.Schema[1].NumChildren = thrift.New[int32](1) },
		"a type that is none": func(m *format.FileMetaData) { m.Schema[1].Type.V = 99 },
		"no type":             func(m *format.FileMetaData) { m.Schema[1].Type = thrift.Null[format.Type]{} },
		"values of no length": func(m *format.FileMetaData) { m.Schema[1].Type.V = format.FixedLenByteArray },
	} {
		t.Run(name, func(t *testing.T) {
			m := someFooter()
			change(m)
			_, err := parseFooter(encodeFooter(t, m), size, tenGranules)
			require.ErrorContains(t, err, "footer: ")
		})
	}
	t.Run("cut off anywhere", func(t *testing.T) {
		m := someFooter()
		m.CreatedBy = ""
		whole := encodeFooter(t, m)
		for n := range len(whole) - 1 {
			_, err := parseFooter(whole[:n], size, tenGranules)
			require.Error(t, err, n)
		}
	})
	t.Run("file", func(t *testing.T) {
		good := append(make([]byte, size), encodeFooter(t, someFooter())...)
		length := binary.LittleEndian.AppendUint32(nil, uint32(len(good)-size))
		for name, b := range map[string][]byte{
			"empty":                    {},
			"without a footer":         []byte("PAR1"),
			"of another kind":          append(append(slices.Clone(good), length...), "PARE"...),
			"shorter than its footer":  append(append([]byte{}, length...), "PAR1"...),
			"with a footer of nothing": append(slices.Clone(good), "\x00\x00\x00\x00PAR1"...),
		} {
			_, err := readColumnTable(bytes.NewReader(b), int64(len(b)), tenGranules)
			require.Error(t, err, name)
		}
		good = append(append(good, length...), "PAR1"...)
		_, err := readColumnTable(bytes.NewReader(good), int64(len(good)), tenGranules)
		require.NoError(t, err)
	})
}

// FuzzParseFooter looks that no bytes make the parser panic, and that whatever
// it accepts is within the file.
func FuzzParseFooter(f *testing.F) {
	f.Add(encodeFooter(f, someFooter()), int64(1000))
	f.Add([]byte("\x15\x04\x19\xfc\xff\xff\xff\xff\x0f"), int64(1000))
	f.Add([]byte{}, int64(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		table, err := parseFooter(b, size, tenGranules)
		if err != nil {
			return
		}
		require.Len(t, table.chunks, len(tenGranules)*len(table.leaves))
		for _, c := range table.chunks {
			require.GreaterOrEqual(t, c.first, int64(0))
			require.GreaterOrEqual(t, c.size, int64(c.words))
			require.LessOrEqual(t, c.first, size-c.size)
			require.LessOrEqual(t, int(c.same), len(table.values))
		}
	})
}

// TestHostileFooter vouches in meta.json for a footer that leads out of the
// file: the part is set aside, the others answer.
func TestHostileFooter(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, s.Append(t.Context(), spanBatch(5)))
		require.NoError(t, s.Flush(t.Context()))
	}
	require.NoError(t, s.Close())
	dir := path.Join("data/spans", dayName(dayOf(someDay)), partName(1, 1))
	rewrite(t, disk, path.Join(dir, eventsFile), func(b []byte) []byte {
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		require.NoError(t, err)
		m := f.Metadata()
		m.RowGroups[0].Columns[0].MetaData.DataPageOffset = 1 << 40
		footer := encodeFooter(t, m)
		b = append(b[:len(b)-parquetTrailer-int(binary.LittleEndian.Uint32(b[len(b)-parquetTrailer:]))], footer...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(footer)))
		return append(b, parquetMagic...)
	})
	b, err := vfs.ReadFile(disk, path.Join(dir, eventsFile))
	require.NoError(t, err)
	rewrite(t, disk, path.Join(dir, metaFile), func(old []byte) []byte {
		m, err := decodeMeta(old)
		require.NoError(t, err)
		i := slices.IndexFunc(m.Files, func(f fileMeta) bool { return f.Name == eventsFile })
		m.Files[i].Size, m.Files[i].CRC32C, m.Files[i].Blocks = int64(len(b)), checksum(b), nil
		for block := range slices.Chunk(b, sumBlock) {
			m.Files[i].Blocks = append(m.Files[i].Blocks, checksum(block))
		}
		fresh, err := encodeMeta(m)
		require.NoError(t, err)
		return fresh
	})

	s, err = openTiny(disk)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	rows := 0
	for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
		require.NoError(t, err)
		rows += b.Len()
	}
	require.Equal(t, 5, rows)
	require.Equal(t, 1, s.Status(t.Context())[1].Quarantined)
	require.Equal(t, 1, s.Status(t.Context())[1].Parts)
	require.NotEmpty(t, files(t, disk, "data/spans/quarantine"))
}
