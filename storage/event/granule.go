package event

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"

	"github.com/oriel-obs/oriel/model"
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
	half    half         // the rows that a query is about
	columns *columnTable // of part
	scratch *scratch     // nil to allocate
	few     bool         // few rows are wanted: see pageCache

	loaded   columns         // what batch holds so far
	hasAttr  map[string]bool // keys loaded, present or not
	bodies   string          // all bodies one after the other, if they are so
	shredded *shredded       // of a part that shreds, once its bodies are looked at
	bytes    int64           // decoded so far
	err      error           // why narrow could not go on
	reading  time.Duration   // spent on reading and decoding
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
	columns, err := p.events()
	if err != nil {
		return nil, err
	}
	b := &block{
		batch: model.Batch{Signal: sig, Streams: t.streams}, rows: p.meta.Granules[g].Rows,
		part: p, number: g, columns: columns, hasAttr: map[string]bool{},
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
	times := b.scratch.takeLongs(b.rows)[:0]
	err := b.each(colTime, func(pg *page) error {
		data, err := pg.data()
		if err == nil {
			times = append(times, data.Int64()...)
		}
		return err
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
	err := b.each(colStream, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
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
// have has none. A block with a scratch holds them, for whoever asks again.
func (b *block) each(name string, f func(*page) error) error {
	leaf, ok := b.columns.numbers[name]
	if !ok {
		return nil
	}
	start := time.Now()
	defer func() { b.reading += time.Since(start) }()
	err := guard(func() error {
		pages, held := b.scratch.pages(leaf)
		if !held {
			var err error
			if pages, err = b.pagesOf(leaf); err != nil {
				return err
			}
			b.scratch.hold(leaf, pages)
		}
		for _, pg := range pages {
			if err := f(pg); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("granule %d: column %q: %w", b.number, name, err)
	}
	return nil
}

// readPages reads the pages of a column, which is decoded into room.
func (b *block) readPages(leaf int, room *scratch) (pages []*page, err error) {
	c, err := b.openColumn(leaf, false, room)
	if err != nil {
		return nil, err
	}
	var dictionary *encoding.Values
	for {
		pg, w, err := c.next()
		switch {
		case err != nil:
			return nil, err
		case w != nil:
			dictionary = w
		case pg == nil:
			return pages, nil
		default:
			if pg.encoding == format.RLEDictionary {
				if dictionary == nil {
					return nil, errors.New("page of indexes without a dictionary")
				}
				pg.words = dictionary
			}
			pages = append(pages, pg)
		}
	}
}

// dictionary returns the dictionary of a column without its pages, or nil if it
// has none.
func (b *block) dictionary(leaf int) (w *encoding.Values, err error) {
	start := time.Now()
	defer func() { b.reading += time.Since(start) }()
	err = guard(func() error {
		c, err := b.openColumn(leaf, true, b.scratch)
		if c == nil || err != nil {
			return err
		}
		_, w, err = c.next()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("granule %d: dictionary of column %q: %w", b.number, b.columns.leaves[leaf].name, err)
	}
	return w, nil
}

// everyRow returns all rows of b. The caller may change what it returns.
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
