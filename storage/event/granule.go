package event

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A block is up to granuleRows rows to evaluate: a granule of a part, whose
// columns are decoded when they are asked for, or a chunk of a head, which has
// them all.
type block struct {
	batch   model.Batch
	rows    int
	part    *part // nil for a chunk of a head
	number  int   // of the granule
	hidden  []hide
	half    half // the rows that a query is about
	file    *parquet.File
	scratch *scratch // nil to allocate

	loaded   storage.Projection // what batch holds so far
	hasAttr  map[string]bool    // keys loaded, present or not
	rest     []rowAttrs         // those without a column, once decoded
	bodies   string             // all bodies one after the other, if they are so
	shredded *shredded          // of a part that shreds, once its bodies are looked at
	bytes    int64              // decoded so far
	err      error              // why narrow could not go on
	reading  time.Duration      // spent on reading and decoding
}

// openBlock starts on granule g of p with its times and streams.
func openBlock(p *part, sig model.Signal, g int) (*block, error) {
	b, err := newBlock(p, sig, g)
	if err == nil {
		err = errors.Join(b.loadTimes(), b.loadStreams())
	}
	return b, err
}

// newBlock starts on granule g of p without a column.
func newBlock(p *part, sig model.Signal, g int) (*block, error) {
	t, err := p.streams()
	if err != nil {
		return nil, err
	}
	f, err := p.events()
	if err != nil {
		return nil, err
	}
	b := &block{
		batch: model.Batch{Signal: sig, Streams: t.streams}, rows: p.meta.Granules[g].Rows,
		part: p, number: g, file: f, hasAttr: map[string]bool{},
	}
	if sig == model.Spans {
		b.batch.Spans = &model.SpanColumns{}
	}
	return b, nil
}

// chunkBlock is all of a head's chunk.
func chunkBlock(c *chunk, streams []*model.Stream) *block {
	b := &block{batch: c.batch, rows: c.batch.Len()}
	b.batch.Streams = streams
	return b
}

// loadTimes makes sure that the batch has its times.
func (b *block) loadTimes() error {
	if b.batch.Time != nil {
		return nil
	}
	times := make([]int64, 0, b.rows)
	err := b.each(colTime, func(pg parquet.Page) error {
		data := pg.Data()
		times = append(times, data.Int64()...)
		return nil
	})
	if err == nil && (len(times) != b.rows || !slices.IsSorted(times)) {
		err = fmt.Errorf("granule %d: %d times; %d sorted ones expected", b.number, len(times), b.rows)
	}
	b.batch.Time = times
	return err
}

// loadStreams makes sure that the batch has its rows' streams.
func (b *block) loadStreams() error {
	if b.batch.StreamOf != nil {
		return nil
	}
	refs := b.scratch.takeRows(b.rows)[:0]
	streams := uint32(len(b.batch.Streams))
	err := b.each(colStream, func(pg parquet.Page) error {
		data := pg.Data()
		for _, s := range data.Int32() {
			if uint32(s) >= streams {
				return fmt.Errorf("refers to stream %d of %d", s, streams)
			}
			refs = append(refs, uint32(s))
		}
		return nil
	})
	b.batch.StreamOf = refs
	if err != nil {
		return err
	}
	return b.full(colStream, len(refs))
}

// each calls f with the pages of a column; a column that the part does not
// have has none.
func (b *block) each(name string, f func(parquet.Page) error) error {
	leaf, ok := b.part.leaves[name]
	if !ok {
		return nil
	}
	start := time.Now()
	defer func() { b.reading += time.Since(start) }()
	return guard(func() error {
		pages := b.file.RowGroups()[b.number].ColumnChunks()[leaf].Pages()
		defer pages.Close()
		for {
			pg, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				b.bytes += pg.Size()
				err = f(pg)
				parquet.Release(pg)
			}
			if err != nil {
				return fmt.Errorf("granule %d: column %q: %w", b.number, name, err)
			}
		}
	})
}

// dictionary calls f with the dictionary of a column, if it has one.
func (b *block) dictionary(leaf int, f func(parquet.Dictionary) error) error {
	start := time.Now()
	defer func() { b.reading += time.Since(start) }()
	return guard(func() error {
		chunk, ok := b.file.RowGroups()[b.number].ColumnChunks()[leaf].(*parquet.FileColumnChunk)
		if !ok {
			return errors.New("column chunk is of no file")
		}
		pages := chunk.PagesFrom(chunk.File())
		defer func() { _ = pages.Close() }() // never fails
		d, err := pages.ReadDictionary()
		if err == nil && d != nil {
			b.bytes += d.Page().Size()
			err = f(d)
		}
		if err != nil {
			return fmt.Errorf("granule %d: dictionary of column %q: %w", b.number, b.file.Schema().Columns()[leaf][0], err)
		}
		return nil
	})
}

// load makes sure that the batch holds what p names.
func (b *block) load(p *storage.Projection) error { return b.loadRows(p, nil) }

// loadRows makes sure that the batch holds what p names of the rows of sel,
// nil meaning all. After some rows b is not to be asked for what other rows
// have.
func (b *block) loadRows(p *storage.Projection, sel []uint32) error {
	if b.part == nil {
		return nil
	}
	if p == nil {
		p = &storage.Projection{Body: true, EveryAttr: true, Span: true, Events: true, Links: true}
	}
	var want []bool // nil means all rows
	if sel != nil {
		want = make([]bool, b.rows)
		for _, row := range sel {
			want[row] = true
		}
	}
	var errs []error
	if p.Body && !b.loaded.Body {
		errs = append(errs, b.loadBody(sel))
	}
	if !b.loaded.EveryAttr && (p.EveryAttr || len(p.Attrs) > 0) {
		errs = append(errs, b.loadAttrs(p, want))
	}
	if b.batch.Spans != nil {
		errs = append(errs, b.loadSpans(p, want))
	}
	return errors.Join(errs...)
}

func (b *block) loadBody(sel []uint32) error {
	plan, err := b.part.bodyPlan()
	if err != nil {
		return err
	}
	if plan != nil {
		b.loaded.Body = sel == nil
		if sel == nil {
			sel = b.everyRow()
		}
		return b.build(sel)
	}
	b.loaded.Body = true
	body, all, err := b.strings(colBody)
	if err != nil {
		return err
	}
	b.batch.Body, b.bodies = body, all
	return b.full(colBody, len(body))
}

// everyRow returns all rows of b.
func (b *block) everyRow() []uint32 {
	rows := b.scratch.takeRows(b.rows)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// full returns an error unless a column has a value for each row.
func (b *block) full(name string, n int) error {
	if n != b.rows {
		return fmt.Errorf("granule %d: column %q has %d values for %d rows", b.number, name, n, b.rows)
	}
	return nil
}

// strings decodes a required column. all is what its values are consecutive
// parts of, or "" if they are not in one piece.
func (b *block) strings(name string) (out []string, all string, err error) {
	err = b.each(name, func(pg parquet.Page) error {
		vals, data, err := pageStrings(pg)
		if out == nil {
			out, all = vals, data
		} else {
			out, all = append(out, vals...), ""
		}
		return err
	})
	return out, all, err
}

// pageStrings copies the byte arrays out of a page, without nulls. all is what
// they are consecutive parts of, or "" with a dictionary.
func pageStrings(pg parquet.Page) (vals []string, all string, err error) {
	if d := pg.Dictionary(); d != nil {
		words := dictionaryStrings(d)
		index := pg.Data()
		for _, i := range index.Int32() {
			if i < 0 || int(i) >= len(words) {
				return nil, "", fmt.Errorf("refers to word %d of %d", i, len(words))
			}
			vals = append(vals, words[i])
		}
		return vals, "", nil
	}
	data := pg.Data()
	vals, all = cutStrings(data.ByteArray())
	return vals, all, nil
}

// dictionaryStrings returns the words of d, which share its memory: a decoder
// of parquet never uses that again.
func dictionaryStrings(d parquet.Dictionary) []string {
	values := d.Page().Data()
	data, offsets := values.ByteArray()
	if len(offsets) < 2 {
		return nil
	}
	all := stringOf(data)
	words := make([]string, len(offsets)-1)
	for i := range words {
		words[i] = all[offsets[i]:offsets[i+1]]
	}
	return words
}

func cutStrings(data []byte, offsets []uint32) (vals []string, all string) {
	if len(offsets) < 2 {
		return nil, ""
	}
	first, last := offsets[0], offsets[len(offsets)-1]
	all = string(data[first:last])
	vals = make([]string, len(offsets)-1)
	for i := range vals {
		vals[i] = all[offsets[i]-first : offsets[i+1]-first]
	}
	return vals, all
}

// textOf returns what makes values of a kind that is held in strings; of other
// kinds it is nil.
func textOf(kind model.Kind) func(string) model.Value {
	switch kind {
	case model.KindString:
		return model.String
	case model.KindBytes:
		return model.Bytes
	case model.KindArray:
		return model.Array
	case model.KindMap:
		return model.Map
	}
	return nil
}
