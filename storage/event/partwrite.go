package event

import (
	"errors"
	"fmt"
	"path"
	"sync"
	"unsafe"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/fulltext"
	"github.com/oriel-obs/oriel/storage/shred"
)

// maxPage bounds the bytes of one parquet page; a granule of ordinary lines
// fits one.
const maxPage = 8 << 20

// A partWriter writes the files of one part, a granule at a time.
type partWriter struct {
	fs     vfs.FS
	dir    string // under its temporary name
	meta   partMeta
	hot    map[string]hotColumn
	file   *summingWriter
	pq     *parquet.GenericWriter[any]
	column map[string]*parquet.ColumnWriter
	leaf   map[string]int // number of each column, for values

	streams *tableBuilder
	keys    map[storage.Place]keyNotes

	body *bodyWriter // nil if bodies are kept whole

	index        *fulltext.Builder
	bloom, words *summingWriter

	values []parquet.Value // scratch
	arena  []byte          // scratch
}

// newPartWriter makes the folder dir. text, hot and plan, which may be nil,
// describe the rows to come.
func (t *table) newPartWriter(dir string, meta partMeta, text bool, hot []hotColumn, plan *shred.Plan) (*partWriter, error) {
	fsys, sig := t.fs, t.signal
	if err := fsys.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, err
	}
	schema := schemaOf(sig, text, hot, plan)
	w := &partWriter{
		fs: fsys, dir: dir, meta: meta, hot: map[string]hotColumn{},
		column: map[string]*parquet.ColumnWriter{}, leaf: map[string]int{},
		streams: newTableBuilder(), keys: map[storage.Place]keyNotes{storage.Attr: {}, storage.EventAttr: {}, storage.LinkAttr: {}},
	}
	for name, to := range map[string]**summingWriter{eventsFile: &w.file, bloomFile: &w.bloom, wordsFile: &w.words} {
		f, err := fsys.Create(path.Join(dir, name))
		if err != nil {
			w.abort()
			return nil, err
		}
		*to = &summingWriter{f: f}
	}
	w.index = indexPool.Get().(*fulltext.Builder)
	w.index.Reset(w.bloom, w.words)
	w.meta.Format, w.meta.Signal = partVersion, sig.String()
	w.pq = parquet.NewGenericWriter[any](w.file, schema,
		parquet.Compression(t.codec),
		parquet.PageBufferSize(64<<10), // only a starting size: a page is what one call writes
		parquet.WriteBufferSize(256<<10),
		parquet.DataPageStatistics(false), // those of the column chunk say the same
		parquet.CreatedBy("oriel", fmt.Sprint(partVersion), ""),
	)
	writers := w.pq.ColumnWriters()
	for _, name := range schema.Columns() {
		leaf, _ := schema.Lookup(name...)
		w.column[name[0]], w.leaf[name[0]] = writers[leaf.ColumnIndex], leaf.ColumnIndex
	}
	if plan != nil {
		w.body = newBodyWriter(plan, w.leaf)
	}
	for _, h := range hot {
		w.hot[h.key] = h
		w.meta.Columns = append(w.meta.Columns, columnMeta{Column: attrPrefix + h.key, Key: h.key, Kind: h.kind})
	}
	return w, nil
}

// add writes one granule: at most granuleRows rows, sorted by time.
func (w *partWriter) add(b *model.Batch) error {
	n := b.Len()
	g := len(w.meta.Granules)
	w.meta.Granules = append(w.meta.Granules, granuleMeta{Rows: n, MinTime: b.Time[0], MaxTime: b.Time[n-1]})
	if g == 0 {
		w.meta.MinTime = b.Time[0]
	}
	w.meta.MaxTime = b.Time[n-1]
	w.meta.Rows += int64(n)

	refs := w.streams.add(b, g)
	err := errors.Join(
		w.int64s(colTime, n, func(i int) int64 { return b.Time[i] }),
		w.int32s(colStream, n, func(i int) int32 { return int32(refs[b.StreamOf[i]]) }),
		w.bodies(b),
		w.attrs(b),
	)
	if b.Spans != nil {
		err = errors.Join(err, w.spans(b))
	}
	if err != nil {
		return err
	}
	if err := w.addTokens(b); err != nil {
		return err
	}
	return w.pq.Flush()
}

func (w *partWriter) spans(b *model.Batch) error {
	s, n := b.Spans, b.Len()
	for i := range n {
		for _, e := range s.Events[i] {
			w.keys[storage.EventAttr].attrs(e.Attrs)
		}
		for _, l := range s.Links[i] {
			w.keys[storage.LinkAttr].attrs(l.Attrs)
		}
	}
	return errors.Join(
		w.fixed(colTraceID, n, func(i int) []byte { return s.TraceID[i][:] }),
		w.fixed(colSpanID, n, func(i int) []byte { return s.SpanID[i][:] }),
		w.fixed(colParentID, n, func(i int) []byte { return s.ParentID[i][:] }),
		w.int32s(colKind, n, func(i int) int32 { return int32(s.Kind[i]) }),
		w.int32s(colStatus, n, func(i int) int32 { return int32(s.Status[i]) }),
		w.strings(colStatusMessage, s.StatusMessage),
		w.int64s(colDuration, n, func(i int) int64 { return s.Duration[i] }),
		w.strings(colTraceState, s.TraceState),
		w.int64s(colFlags, n, func(i int) int64 { return int64(s.Flags[i]) }),
		w.int64s(colDroppedAttrs, n, func(i int) int64 { return int64(s.DroppedAttrs[i]) }),
		w.int64s(colDroppedEvents, n, func(i int) int64 { return int64(s.DroppedEvents[i]) }),
		w.int64s(colDroppedLinks, n, func(i int) int64 { return int64(s.DroppedLinks[i]) }),
		w.encoded(colEvents, n, func(i int, b0 []byte) []byte {
			if len(s.Events[i]) == 0 {
				return b0
			}
			return model.AppendEvents(b0, b.Time[i], s.Events[i])
		}),
		w.encoded(colLinks, n, func(i int, b0 []byte) []byte {
			if len(s.Links[i]) == 0 {
				return b0
			}
			return model.AppendLinks(b0, s.Links[i])
		}),
	)
}

// attrs writes the attributes: a column each for hot keys, the rest together.
func (w *partWriter) attrs(b *model.Batch) error {
	n := b.Len()
	rest := make([][]model.Attr, n)
	written := make(map[string]bool, len(b.Attrs))
	for _, c := range b.Attrs {
		note := w.keys[storage.Attr].of(c.Key)
		note.values(c.Vals)
		if h, ok := w.hot[c.Key]; ok {
			written[c.Key] = true
			if err := w.hotColumn(h, c, n); err != nil {
				return err
			}
			continue
		}
		for j, v := range c.Vals {
			row := j
			if c.Rows != nil {
				row = int(c.Rows[j])
			}
			rest[row] = append(rest[row], model.Attr{Key: c.Key, Value: v})
		}
	}
	for key, h := range w.hot {
		if !written[key] {
			if err := w.hotColumn(h, &model.Column{Rows: []uint32{}}, n); err != nil {
				return err
			}
		}
	}
	return w.encoded(colRest, n, func(i int, b0 []byte) []byte {
		if len(rest[i]) == 0 {
			return b0
		}
		return model.AppendAttrs(b0, rest[i])
	})
}

func (w *partWriter) hotColumn(h hotColumn, c *model.Column, n int) error {
	name := attrPrefix + h.key
	index := w.leaf[name]
	null := parquet.NullValue().Level(0, 0, index)
	k := c.Cursor()
	return w.write(name, n, func(i int) (parquet.Value, int) {
		v := k.At(i)
		switch v.Kind() {
		case model.KindNone:
			return null, 0
		case model.KindInt:
			return parquet.Int64Value(v.Int64()).Level(0, 1, index), 8
		case model.KindFloat:
			return parquet.DoubleValue(v.Float64()).Level(0, 1, index), 8
		case model.KindBool:
			return parquet.BooleanValue(v.IsTrue()).Level(0, 1, index), 1
		}
		return parquet.ByteArrayValue(bytesOf(v.Str())).Level(0, 1, index), len(v.Str())
	})
}

// write writes n values to a column, in as few pages as maxPage allows.
func (w *partWriter) write(name string, n int, value func(i int) (v parquet.Value, size int)) error {
	cw := w.column[name]
	w.values = w.values[:0]
	bytes := 0
	for i := range n {
		v, size := value(i)
		if bytes += size; bytes > maxPage && len(w.values) > 0 {
			if _, err := cw.WriteRowValues(w.values); err != nil {
				return fmt.Errorf("column %q: %w", name, err)
			}
			if err := cw.Flush(); err != nil {
				return fmt.Errorf("column %q: %w", name, err)
			}
			w.values, bytes = w.values[:0], size
		}
		w.values = append(w.values, v)
	}
	if _, err := cw.WriteRowValues(w.values); err != nil {
		return fmt.Errorf("column %q: %w", name, err)
	}
	clear(w.values)
	return nil
}

func (w *partWriter) int64s(name string, n int, at func(int) int64) error {
	index := w.leaf[name]
	return w.write(name, n, func(i int) (parquet.Value, int) { return parquet.Int64Value(at(i)).Level(0, 0, index), 8 })
}

func (w *partWriter) int32s(name string, n int, at func(int) int32) error {
	index := w.leaf[name]
	return w.write(name, n, func(i int) (parquet.Value, int) { return parquet.Int32Value(at(i)).Level(0, 0, index), 4 })
}

func (w *partWriter) fixed(name string, n int, at func(int) []byte) error {
	index := w.leaf[name]
	return w.write(name, n, func(i int) (parquet.Value, int) {
		return parquet.FixedLenByteArrayValue(at(i)).Level(0, 0, index), 16
	})
}

func (w *partWriter) strings(name string, ss []string) error {
	index := w.leaf[name]
	return w.write(name, len(ss), func(i int) (parquet.Value, int) {
		return parquet.ByteArrayValue(bytesOf(ss[i])).Level(0, 0, index), len(ss[i])
	})
}

// encoded writes what appendTo appends for each row, null if nothing.
func (w *partWriter) encoded(name string, n int, appendTo func(i int, b []byte) []byte) error {
	index := w.leaf[name]
	w.arena = w.arena[:0]
	ends := make([]int, n)
	for i := range n {
		w.arena = appendTo(i, w.arena)
		ends[i] = len(w.arena)
	}
	start := 0
	return w.write(name, n, func(i int) (parquet.Value, int) {
		b := w.arena[start:ends[i]]
		start = ends[i]
		if len(b) == 0 {
			return parquet.NullValue().Level(0, 0, index), 0
		}
		return parquet.ByteArrayValue(b).Level(0, 1, index), len(b)
	})
}

// finish writes the remaining files and makes all of them durable, meta.json
// last.
func (w *partWriter) finish() (*partMeta, error) {
	if err := errors.Join(w.pq.Close(), w.index.Finish()); err != nil {
		w.abort()
		return nil, err
	}
	w.meta.Files = nil
	var errs []error
	for _, f := range []struct {
		name string
		w    *summingWriter
	}{{eventsFile, w.file}, {bloomFile, w.bloom}, {wordsFile, w.words}} {
		errs = append(errs, f.w.f.Sync())
		fm := fileMeta{Name: f.name, Size: f.w.n, CRC32C: f.w.crc}
		if f.w == w.file { // the others carry checksums of their own
			fm.Blocks = f.w.sums
		}
		w.meta.Files = append(w.meta.Files, fm)
	}
	w.abort()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	table := w.streams.done()
	w.meta.Streams = len(table.streams)
	if err := w.side(streamsFile, appendStreamTable(nil, table)); err != nil {
		return nil, err
	}
	if w.body != nil {
		b, err := w.body.plan.Encode()
		if err != nil {
			return nil, err
		}
		if err := w.side(templatesFile, b); err != nil {
			return nil, err
		}
	}
	for _, place := range []storage.Place{storage.Attr, storage.EventAttr, storage.LinkAttr} {
		w.meta.Keys = append(w.meta.Keys, w.keys[place].metas(place)...)
	}
	b, err := encodeMeta(&w.meta)
	if err != nil {
		return nil, err
	}
	if err := vfs.WriteFile(w.fs, path.Join(w.dir, metaFile), b); err != nil {
		return nil, err
	}
	meta := w.meta // w itself holds on to its last granule
	return &meta, w.fs.SyncDir(w.dir)
}

func (w *partWriter) side(name string, b []byte) error {
	w.meta.Files = append(w.meta.Files, fileMeta{Name: name, Size: int64(len(b)), CRC32C: checksum(b)})
	return vfs.WriteFile(w.fs, path.Join(w.dir, name), b)
}

// abort closes the files of a part, finished or not. A folder that is not
// finished goes with the next attempt, or at the next start.
func (w *partWriter) abort() {
	for _, f := range []*summingWriter{w.file, w.bloom, w.words} {
		if f != nil {
			_ = f.f.Close() // is synced, or not wanted
		}
	}
	if w.index != nil {
		indexPool.Put(w.index)
		w.index = nil
	}
}

// indexPool keeps the memory in which indexes are built.
var indexPool = sync.Pool{New: func() any { return fulltext.NewBuilder(nil, nil) }}

// bytesOf returns the bytes of s without a copy. They must not be written.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// stringOf returns b as a string without a copy. b must not be written again.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
