package event

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// fieldValues tell which lines of a template are kept.
type fieldValues struct {
	always bool        // or never, without v
	v      *bodyValues // where the field is
	keep   []bool      // by code, or else by value
	never  bool        // no value is kept

	row func(row uint32) (bool, error) // of values without a column
}

func (t *fieldValues) keeps(row uint32) (bool, error) {
	switch {
	case t.row != nil:
		return t.row(row)
	case t.v == nil:
		return t.always, nil
	}
	i := t.v.at[row]
	if i == absent {
		return false, fmt.Errorf("row %d lacks a value of its template", row)
	}
	return t.has(i), nil
}

// has reports whether value i is kept.
func (t *fieldValues) has(i int32) bool {
	if t.v.codes != nil {
		return t.keep[t.v.codes[i]]
	}
	return t.keep[i]
}

// testField looks at the values that a field has in lines of a template.
func (b *block) testField(t *shred.Template, r resolution, keeps func(model.Value) bool) (*fieldValues, error) {
	if r.how == constant {
		return &fieldValues{always: keeps(r.value)}, nil
	}
	h := t.Holes[r.hole]
	if h.Column == shred.Rest {
		return &fieldValues{row: func(row uint32) (bool, error) {
			text, err := b.textAt(row, t, r.hole)
			return err == nil && keeps(model.String(fieldText(h.Kind, text))), err
		}}, nil
	}
	v, err := b.values(h.Column)
	if err != nil {
		return nil, err
	}
	return b.testValues(v, h.Kind, keeps), nil
}

// testValues looks at each value of a column once.
func (b *block) testValues(v *bodyValues, kind shred.Kind, keeps func(model.Value) bool) *fieldValues {
	return b.markValues(v, func(text string) bool { return keeps(model.String(fieldText(kind, text))) })
}

// markEqual marks the texts that are want, which is not empty.
func (v *bodyValues) markEqual(want string) *fieldValues {
	test := &fieldValues{v: v, keep: make([]bool, v.texts()), never: true}
	for at, i := 0, 0; ; at++ {
		next := strings.Index(v.raw[at:], want)
		if next < 0 {
			return test
		}
		at += next
		for i < len(test.keep) && int(v.ends[i+1]) <= at {
			i++
		}
		if i == len(test.keep) {
			return test
		}
		if int(v.ends[i]) == at && int(v.ends[i+1]) == at+len(want) {
			test.keep[i], test.never = true, false
		}
	}
}

// markHas marks the texts that want, which is not empty, is within.
func (v *bodyValues) markHas(want string) *fieldValues {
	test := &fieldValues{v: v, keep: make([]bool, v.texts()), never: true}
	for at, i := 0, 0; ; {
		next := strings.Index(v.raw[at:], want)
		if next < 0 {
			return test
		}
		at += next
		for i < len(test.keep) && int(v.ends[i+1]) <= at {
			i++
		}
		if i == len(test.keep) {
			return test
		}
		if at++; int(v.ends[i]) < at && at+len(want)-1 <= int(v.ends[i+1]) { // not across two
			test.keep[i], test.never = true, false
			at = int(v.ends[i+1])
		}
	}
}

// plain reports whether texts of c stand for themselves as values of a field.
func plain(c *shred.Column) bool {
	return (c.Type != shred.Text || c.UTF8) && utf8.ValidString(c.Prefix+c.Suffix) && !c.Possible(`\`) && !c.Possible("\uFFFD")
}

// markValues asks keeps for each value of a column once.
func (b *block) markValues(v *bodyValues, keeps func(text string) bool) *fieldValues {
	b.spell(v)
	test := &fieldValues{v: v}
	test.keep, test.never = v.mark(keeps)
	return test
}

// rows returns the rows of sel, nil meaning all, that have a value that is
// kept.
func (t *fieldValues) rows(sel []uint32) (hits []uint32) {
	if t.never {
		return nil
	}
	at := t.v.at
	if sel != nil {
		for _, row := range sel {
			if i := at[row]; i != absent && t.has(i) {
				hits = append(hits, row)
			}
		}
		return hits
	}
	row := 0
	hit := func(i int) { // value i is kept
		for at[row] != int32(i) {
			row++
		}
		hits = append(hits, uint32(row))
	}
	if t.v.codes == nil {
		for i, keep := range t.keep {
			if keep {
				hit(i)
			}
		}
		return hits
	}
	for i, code := range t.v.codes {
		if t.keep[code] {
			hit(i)
		}
	}
	return hits
}

// fieldTest returns p, which is about one field of strings, as a test of its
// value.
func fieldTest(p storage.Predicate) func(model.Value) bool {
	values := &model.Batch{Time: []int64{0}, Attrs: []*model.Column{{Vals: make([]model.Value, 1)}}}
	column := values.Attrs[0]
	about := storage.Field{Place: storage.Attr}
	switch q := p.(type) {
	case storage.Compare:
		if want := q.Value; q.Op == storage.Eq {
			return func(v model.Value) bool { return !v.IsNone() && v == want }
		}
		q.Field = about
		p = q
	case storage.Match:
		return func(v model.Value) bool { return !v.IsNone() && q.Regexp.MatchString(v.Str()) }
	case storage.Contains:
		q.Field = about
		p = q
	case storage.Exists:
		return func(v model.Value) bool { return !v.IsNone() }
	}
	m := storage.NewMatcher(p)
	return func(v model.Value) bool {
		column.Vals[0] = v
		return m.Keep(values, 0)
	}
}
