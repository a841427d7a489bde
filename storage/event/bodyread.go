package event

import (
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// A bodyPlan is what a part knows of its shredded bodies.
type bodyPlan struct {
	*shred.Plan
	names    []string
	quoted   []bool // see quotedColumns
	rests    bool   // there are values without a column
	resolved resolutions
}

// bodyPlan returns how the part's bodies are shredded, or nil if they are not.
func (p *part) bodyPlan() (*bodyPlan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fm := p.meta.file(templatesFile)
	if p.bodies != nil || fm.Name == "" {
		return p.bodies, nil
	}
	b, err := checkFile(p.fs, p.dir, fm, true)
	if err != nil {
		return nil, err
	}
	plan, err := shred.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", templatesFile, err)
	}
	p.bodies = &bodyPlan{Plan: plan, names: plan.Names(), quoted: quotedColumns(plan), rests: slices.ContainsFunc(plan.Templates, hasRest)}
	return p.bodies, nil
}

func hasRest(t *shred.Template) bool {
	return slices.ContainsFunc(t.Holes, func(h shred.Hole) bool { return h.Column == shred.Rest })
}

// shredded are the bodies of a granule as far as they have been read.
type shredded struct {
	*bodyPlan
	template []int32 // by row; whole for a body that is not cut; nil until read
	columns  []*bodyValues
	rest     *bodyValues // values of keys without a column, together; nil until read
	built    []bool      // rows whose body the batch has; nil if none
}

// whole in place of a template stands for a body that is not cut.
const whole = -1

// bodyValues is a column of values.
type bodyValues struct {
	col *shred.Column
	at  []int32 // by row, where among the values; absent if the row has none

	every bool // each row has a value

	words []string // of a dictionary
	codes []int32  // indexes into words

	ints  []int64
	fixed []byte
	texts []string // of other types also, once asked for
	all   string   // what texts are consecutive parts of, if they are
}

const absent = -1

// openBodies makes sure that b knows which rows are shredded. Bodies of a head,
// or of a part that does not shred, are all read; the result is then nil.
func (b *block) openBodies() (*shredded, error) {
	s, err := b.openShredded()
	if s == nil && err == nil {
		err = b.load(&storage.Projection{Body: true})
	}
	return s, err
}

// openShredded is openBodies, but does not read bodies of parts that do not
// shred.
func (b *block) openShredded() (*shredded, error) {
	s, err := b.openColumns()
	if s == nil || s.template != nil {
		return s, err
	}
	if s.template, err = b.loadTemplates(s.bodyPlan); err != nil {
		return nil, err
	}
	return s, nil
}

// openColumns is openShredded, but does not look which rows are shredded.
func (b *block) openColumns() (*shredded, error) {
	if b.shredded != nil || b.part == nil {
		return b.shredded, nil
	}
	plan, err := b.part.bodyPlan()
	if plan == nil {
		return nil, err
	}
	b.shredded = &shredded{bodyPlan: plan, columns: make([]*bodyValues, len(plan.Columns))}
	return b.shredded, nil
}

// loadWhole reads the bodies that are not shredded.
func (b *block) loadWhole() error {
	s := b.shredded
	texts, _, at, err := b.optionalStrings(colBody)
	if err != nil {
		return err
	}
	for i, t := range s.template {
		if (t == whole) != (at[i] != absent) {
			return fmt.Errorf("granule %d: row %d has template %d and a body: %t", b.number, i, t, at[i] != absent)
		}
		if t == whole {
			b.batch.Body[i] = texts[at[i]]
			s.built[i] = true
		}
	}
	return nil
}

func (b *block) loadTemplates(plan *bodyPlan) ([]int32, error) {
	var out []int32
	err := b.each(colTemplate, func(pg parquet.Page) error {
		data := pg.Data()
		vals := data.Int32()
		if d := pg.Dictionary(); d != nil {
			words := d.Page().Data()
			var err error
			if vals, err = b.lookUp(words.Int32(), vals); err != nil {
				return err
			}
		}
		for _, t := range vals {
			if uint32(t) >= uint32(len(plan.Templates)) {
				return fmt.Errorf("refers to template %d of %d", t, len(plan.Templates))
			}
		}
		at, err := b.places(pg, 0, len(vals))
		for row, i := range at {
			if i == absent {
				at[row] = whole
			} else {
				at[row] = vals[i]
			}
		}
		out = join(out, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, b.full(colTemplate, len(out))
}

// lookUp returns the words that codes refer to.
func (b *block) lookUp(words, codes []int32) ([]int32, error) {
	out := b.scratch.takeInts(len(codes))
	for i, c := range codes {
		if uint32(c) >= uint32(len(words)) {
			return nil, fmt.Errorf("refers to word %d of %d", c, len(words))
		}
		out[i] = words[c]
	}
	return out, nil
}

// places returns where the values of a page are by row: those that are not
// null count from first on.
func (b *block) places(pg parquet.Page, first, values int) ([]int32, error) {
	levels := pg.DefinitionLevels()
	next := int32(first)
	if len(levels) == 0 { // every row has a value
		at := b.scratch.takeInts(values)
		for i := range at {
			at[i] = next + int32(i)
		}
		return at, nil
	}
	at := b.scratch.takeInts(len(levels))
	for i, l := range levels {
		has := int32(min(l, 1))
		at[i] = next | (has - 1) // absent, which has all bits, if not; no branch to guess
		next += has
	}
	if int(next) != first+values {
		return nil, fmt.Errorf("%d values for %d rows", values, int(next)-first)
	}
	return at, nil
}

// join appends more to list, which is empty as a rule: a column has one page.
func join[T any](list, more []T) []T {
	if len(list) == 0 {
		return more
	}
	return append(list, more...)
}

// optionalStrings decodes an optional column of strings: the values that are
// not null, what they are consecutive parts of, or "", and where they are by
// row.
func (b *block) optionalStrings(name string) (texts []string, all string, at []int32, err error) {
	err = b.each(name, func(pg parquet.Page) error {
		vals, data, err := pageStrings(pg)
		if err != nil {
			return err
		}
		rows, err := b.places(pg, len(texts), len(vals))
		if len(texts) == 0 {
			texts, all = vals, data
		} else {
			texts, all = append(texts, vals...), ""
		}
		at = join(at, rows)
		return err
	})
	if err != nil {
		return nil, "", nil, err
	}
	return texts, all, at, b.full(name, len(at))
}

// values makes sure that column i of the shredded bodies is there.
func (b *block) values(i int) (*bodyValues, error) {
	s := b.shredded
	if v := s.columns[i]; v != nil {
		return v, nil
	}
	v := &bodyValues{col: &s.Columns[i]}
	name := s.names[i]
	var err error
	switch {
	case v.col.Type == shred.Time:
		if err = b.loadTimes(); err == nil {
			err = b.readValues(name, v)
		}
	case v.col.Type == shred.Text && !v.col.Dict:
		v.texts, v.all, v.at, err = b.optionalStrings(name)
		v.every = len(v.texts) == b.rows
	default:
		err = b.readValues(name, v)
	}
	if err != nil {
		return nil, err
	}
	if err := b.full(name, len(v.at)); err != nil {
		return nil, err
	}
	s.columns[i] = v
	return v, nil
}

// readValues decodes a column of any type but plain text.
func (b *block) readValues(name string, v *bodyValues) error {
	n := 0
	return b.each(name, func(pg parquet.Page) error {
		data := pg.Data()
		more := 0
		switch d := pg.Dictionary(); {
		case d != nil:
			codes := data.Int32()
			if v.words == nil {
				v.words = v.dictionary(d)
			}
			for _, c := range codes {
				if uint32(c) >= uint32(len(v.words)) {
					return fmt.Errorf("refers to word %d of %d", c, len(v.words))
				}
			}
			if v.codes == nil {
				v.codes = b.scratch.takeInts(len(codes))[:0]
			}
			v.codes, more = append(v.codes, codes...), len(codes)
		case v.col.Numeric() && v.codes == nil:
			ints := data.Int64()
			v.ints, more = append(v.ints, ints...), len(ints)
		case v.col.Width() > 0:
			raw, size := data.FixedLenByteArray()
			if size != v.col.Width() || len(raw)%size != 0 {
				return fmt.Errorf("values of %d bytes; want %d", size, v.col.Width())
			}
			v.fixed, more = append(v.fixed, raw...), len(raw)/size
		default: // a dictionary that grew too large
			texts, _, err := pageStrings(pg)
			if err != nil {
				return err
			}
			v.codes, more = slices.Grow(v.codes, len(texts)), len(texts)
			for _, t := range texts {
				v.codes = append(v.codes, int32(len(v.words)))
				v.words = append(v.words, t)
			}
		}
		at, err := b.places(pg, n, more)
		v.at = join(v.at, at)
		n += more
		v.every = n == b.rows
		return err
	})
}

// dictionary returns the texts of the words of d.
func (v *bodyValues) dictionary(d parquet.Dictionary) []string {
	if !v.col.Numeric() {
		return dictionaryStrings(d)
	}
	data := d.Page().Data()
	ints := data.Int64()
	words := make([]string, len(ints))
	for i, x := range ints {
		words[i] = string(v.col.AppendInt(nil, x, 0))
	}
	return words
}

// append appends the text of value i, which is in a row of the given time.
func (v *bodyValues) append(dst []byte, i int32, rowTime int64) []byte {
	switch {
	case v.texts != nil:
		return append(dst, v.texts[i]...)
	case v.codes != nil:
		return append(dst, v.words[v.codes[i]]...)
	case v.ints != nil:
		return v.col.AppendInt(dst, v.ints[i], rowTime)
	}
	w := int32(v.col.Width())
	return v.col.AppendFixed(dst, v.fixed[i*w:(i+1)*w])
}
