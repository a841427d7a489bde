package event

import (
	"cmp"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// countUnit counts the rows of one unit.
func (g *aggregation) countUnit(u unit, c *counter) error {
	start := time.Now()
	if u.part != nil {
		u.part.enter()
		defer u.part.leave()
	}
	b, err := g.openEmpty(u)
	defer g.scratches.takeBack(b)
	if err == nil {
		err = c.read(g, b, u)
	}
	if err != nil {
		return g.t.corrupt(u.part, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.Granules++
	g.stats.RowsScanned += int64(b.rows)
	g.stats.BytesScanned += b.bytes
	g.stats.ReadTime += b.reading
	g.stats.FilterTime += time.Since(start) - b.reading
	if most := g.a.MaxBytes; most > 0 && g.stats.BytesScanned > most {
		return storage.ErrTooManyBytes
	}
	return c.merge(g.groups)
}

// openEmpty starts on a unit without a column of it.
func (g *aggregation) openEmpty(u unit) (*block, error) {
	if u.chunk != nil {
		b := chunkBlock(u.chunk, u.streams)
		b.hidden = u.hidden
		return b, nil
	}
	if u.part.unfit.Load() {
		return nil, errUnfit
	}
	b, err := newBlock(u.part, g.a.Signal, u.number)
	if err == nil {
		b.hidden, b.half = u.hidden, u.half
		g.scratches.lend(b)
	}
	return b, err
}

// A counter counts the rows of a unit by group and bucket. It has the memory
// of one goroutine.
type counter struct {
	classes []uint32 // of each stream; nil if they do not matter
	refs    []uint32 // stream of each row
	coded   []coding // of each field of rows
	rows    []uint32 // selected, by time if there are several buckets

	codes []uint32 // of each row selected: what tells its group
	n     int      // codes are below that

	// By code.

	counts  []uint32
	sums    []int64
	numbers []storage.Bucket // of Aggregate.Of
	example []uint32         // a row
	local   []uint32         // index into groups plus one

	groups []localGroup
	found  []localCount
	sides  []storage.Bucket // numbers of those found
	index  []int32          // of each group, in the groups of the aggregation
	room   []uint32         // for the numbers of codings
}

// A coding is what block.coded returned.
type coding struct {
	codes   []uint32
	words   []model.Value
	numbers []uint32 // of words in the dictionary, plus one; 0 is not known yet
}

// A localGroup is a group in one unit.
type localGroup struct{ code, row uint32 }

// A localCount is what a group of one unit, or a stream of a part, has in one
// bucket.
type localCount struct {
	local   uint32
	numbers int32 // index of the numbers of Aggregate.Of plus one; 0 without
	start   int64
	rows    int64
	bytes   int64
}

func (l localCount) addTo(b *storage.Bucket) {
	b.Rows += l.rows
	b.Bytes += l.bytes
}

// read counts the rows of b.
func (c *counter) read(g *aggregation, b *block, u unit) error {
	c.groups, c.found, c.sides = c.groups[:0], c.found[:0], c.sides[:0]
	inRange, oneBucket := g.fits(u)
	if err := c.selectRows(g, b, u, inRange); err != nil || len(c.rows) == 0 {
		return err
	}
	if !oneBucket {
		if err := b.loadTimes(); err != nil {
			return err
		}
		if u.chunk != nil { // in append order
			at := b.batch.Time
			slices.SortStableFunc(c.rows, func(i, j uint32) int { return cmp.Compare(at[i], at[j]) })
		}
	}
	if err := c.code(g, b, u); err != nil {
		return err
	}
	var lengths []int64
	var numbers []number
	var err error
	if g.a.Bytes {
		if lengths, err = b.bodyLengths(); err != nil {
			return err
		}
	}
	if g.a.Of != nil {
		if numbers, err = b.numbers(*g.a.Of, c.rows); err != nil {
			return err
		}
	}
	c.fit()
	for lo := 0; lo < len(c.rows); {
		hi, start := len(c.rows), g.a.BucketStart(u.minTime)
		if !oneBucket {
			hi, start = c.bucketEnd(g.a, b.batch.Time, lo)
		}
		c.count(lo, hi, lengths, numbers)
		c.emit(lo, hi, start, numbers != nil)
		lo = hi
	}
	for _, l := range c.groups {
		c.local[l.code] = 0
	}
	return nil
}

// selectRows sets c.rows to those that the aggregation is about, ascending.
func (c *counter) selectRows(g *aggregation, b *block, u unit, inRange bool) error {
	var err error
	if c.rows, err = u.filter.rows(b, g.a.Range, u.keep, inRange); err == nil && len(b.hidden) > 0 {
		c.rows, err = b.visible(c.rows)
	}
	return err
}

// maxDense bounds the arrays by code: more combinations than that are numbered
// anew.
const maxDense = 1 << 16

// code sets the codes of the rows.
func (c *counter) code(g *aggregation, b *block, u unit) error {
	c.codes, c.n = slices.Grow(c.codes[:0], len(c.rows))[:len(c.rows)], 1
	clear(c.codes)
	c.classes, c.coded = nil, c.coded[:0]
	if g.groups.hasClasses() {
		if err := b.loadStreams(); err != nil {
			return err
		}
		g.mu.Lock()
		c.classes = g.groups.classesOf(source{u.part, u.order[0]}, b.batch.Streams, u.keep)
		c.n = len(g.groups.class)
		g.mu.Unlock()
		c.refs = b.batch.StreamOf
		for k, row := range c.rows {
			c.codes[k] = c.classes[c.refs[row]]
		}
	}
	for _, at := range g.groups.onRow {
		codes, words, err := b.coded(g.a.By[at], c.rows)
		if err != nil {
			return err
		}
		c.coded = append(c.coded, coding{codes: codes, words: words})
		c.combine(codes, len(words))
	}
	return nil
}

// combine makes the codes tell apart what these codes of rows, which are below
// n, tell apart too.
func (c *counter) combine(codes []uint32, n int) {
	if c.n*n <= maxDense || c.n == 1 {
		for k, row := range c.rows {
			c.codes[k] = c.codes[k]*uint32(n) + codes[row]
		}
		c.n *= n
		return
	}
	anew := map[uint64]uint32{}
	for k, row := range c.rows {
		both := uint64(c.codes[k])<<32 | uint64(codes[row])
		code, ok := anew[both]
		if !ok {
			code = uint32(len(anew))
			anew[both] = code
		}
		c.codes[k] = code
	}
	c.n = len(anew)
}

// fit makes the arrays by code large enough.
func (c *counter) fit() {
	if more := c.n - len(c.counts); more > 0 {
		c.counts = append(c.counts, make([]uint32, more)...)
		c.sums = append(c.sums, make([]int64, more)...)
		c.numbers = append(c.numbers, make([]storage.Bucket, more)...)
		c.example = append(c.example, make([]uint32, more)...)
		c.local = append(c.local, make([]uint32, more)...)
	}
}

// bucketEnd returns where in c.rows the bucket of the row at lo ends, and its
// start.
func (c *counter) bucketEnd(a storage.Aggregate, times []int64, lo int) (hi int, start int64) {
	r := a.BucketRange(times[c.rows[lo]])
	for hi = lo + 1; hi < len(c.rows) && times[c.rows[hi]] < r.End; hi++ {
	}
	return hi, r.Start
}

// count adds the rows from lo to hi to the arrays.
func (c *counter) count(lo, hi int, lengths []int64, numbers []number) {
	for k := lo; k < hi; k++ {
		code := c.codes[k]
		c.counts[code]++
		c.example[code] = c.rows[k]
	}
	if lengths != nil {
		for k := lo; k < hi; k++ {
			c.sums[c.codes[k]] += lengths[c.rows[k]]
		}
	}
	if numbers != nil {
		for k := lo; k < hi; k++ {
			c.numbers[c.codes[k]] = storage.NewBucket(0)
		}
		for k := lo; k < hi; k++ {
			if n := numbers[c.rows[k]]; n.is != noValue {
				c.numbers[c.codes[k]].AddNumber(n.x, n.is == isNumber)
			}
		}
	}
}

// emit moves what the rows from lo to hi came to out of the arrays.
func (c *counter) emit(lo, hi int, start int64, numbers bool) {
	one := func(code uint32) {
		if c.counts[code] == 0 {
			return
		}
		if c.local[code] == 0 {
			c.groups = append(c.groups, localGroup{code, c.example[code]})
			c.local[code] = uint32(len(c.groups))
		}
		l := localCount{local: c.local[code] - 1, start: start, rows: int64(c.counts[code]), bytes: c.sums[code]}
		if numbers {
			c.sides = append(c.sides, c.numbers[code])
			l.numbers = int32(len(c.sides))
		}
		c.found = append(c.found, l)
		c.counts[code], c.sums[code] = 0, 0
	}
	if c.n <= hi-lo {
		for code := range uint32(c.n) {
			one(code)
		}
		return
	}
	for k := lo; k < hi; k++ {
		one(c.codes[k])
	}
}

// merge adds what was read to the groups of the aggregation.
func (c *counter) merge(to *groupSet) error {
	c.index = slices.Grow(c.index[:0], len(c.groups))[:len(c.groups)]
	total := 0
	for i := range c.coded {
		total += len(c.coded[i].words)
	}
	c.room = slices.Grow(c.room[:0], total)[:total]
	clear(c.room)
	room := c.room
	for i := range c.coded {
		n := len(c.coded[i].words)
		c.coded[i].numbers, room = room[:n], room[n:]
	}
	words := make([]uint32, len(c.coded))
	for i, l := range c.groups {
		class := uint32(0)
		if c.classes != nil {
			class = c.classes[c.refs[l.row]]
		}
		for j := range c.coded {
			words[j] = c.coded[j].number(l.row, &to.words[j])
		}
		at, err := to.group(class, words)
		if err != nil {
			return err
		}
		c.index[i] = int32(at)
	}
	for _, n := range c.found {
		b := to.bucket(int(c.index[n.local]), n.start)
		n.addTo(b)
		if n.numbers > 0 {
			b.Merge(c.sides[n.numbers-1])
		}
	}
	return nil
}

// number returns the number that the word of a row has in d.
func (f *coding) number(row uint32, d *dictionary) uint32 {
	code := f.codes[row]
	n := &f.numbers[code]
	if *n == 0 {
		*n = d.number(f.words[code]) + 1
	}
	return *n - 1
}
