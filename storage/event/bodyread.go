package event

import (
	"fmt"
	"slices"

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

// openBodies makes sure that b knows which rows are shredded. Bodies of a head,
// or of a part that does not shred, are all read; the result is then nil.
func (b *block) openBodies() (*shredded, error) {
	s, err := b.openShredded()
	if s == nil && err == nil {
		err = b.load(columns{Projection: storage.Projection{Body: true}})
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

func (b *block) loadTemplates(plan *bodyPlan) ([]int32, error) {
	var out []int32
	err := b.each(colTemplate, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		vals := data.Int32()
		if pg.words != nil {
			if vals, err = b.lookUp(pg.words.Int32(), vals); err != nil {
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
func (b *block) places(pg *page, first, values int) ([]int32, error) {
	levels := pg.levels
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
