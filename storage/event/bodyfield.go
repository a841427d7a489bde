package event

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

func ofBody(p storage.Place) bool {
	return p == storage.JSON || p == storage.JSONPath || p == storage.Logfmt || p == storage.LogfmtKey
}

// A resolution says where lines of a template have a field.
type resolution struct {
	how   uint8
	value model.Value // with constant
	hole  int         // with inHole
}

const (
	constant uint8 = iota // the same in all, or nowhere
	inHole
	parsed // only parsing the line can tell
)

// resolutions remember what fields are for the templates of a part.
type resolutions struct {
	mu    sync.Mutex
	known map[storage.Field][]resolution
}

// maxResolved bounds the memory for fields that are different every time.
const maxResolved = 256

// resolve returns what f is for each template.
func (p *bodyPlan) resolve(f storage.Field) []resolution {
	r := &p.resolved
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[f]; known != nil {
		return known
	}
	if r.known == nil || len(r.known) >= maxResolved {
		r.known = map[storage.Field][]resolution{}
	}
	var parser storage.BodyParser
	of := make([]resolution, len(p.Templates))
	for i, t := range p.Templates {
		of[i] = resolve(t, f, &parser)
	}
	r.known[f] = of
	return of
}

// resolve finds f by asking the parser for it in lines of t with values that
// are known when seen again. Which holes a field is in depends on the template
// alone, since all lines of one have the same keys in the same order; but not
// so in arrays, which are in holes, nor for parsers of another format.
func resolve(t *shred.Template, f storage.Field, parser *storage.BodyParser) resolution {
	if t.Format() == shred.JSON && (f.Place == storage.Logfmt || f.Place == storage.LogfmtKey) {
		return resolution{how: parsed}
	}
	if f.Place == storage.JSONPath {
		for _, element := range strings.Split(f.Key, storage.PathSeparator) {
			if strings.HasPrefix(element, "[") {
				return resolution{how: parsed}
			}
		}
	}
	first, marks := probe(t, 1)
	second, _ := probe(t, 2)
	v := parser.Value(first, f)
	for hole, mark := range marks {
		if v == model.String(mark) {
			return resolution{how: inHole, hole: hole}
		}
	}
	if v != parser.Value(second, f) {
		return resolution{how: parsed} // an object with holes
	}
	return resolution{value: v}
}

// probe returns a line of t with values that it has nowhere else.
func probe(t *shred.Template, salt int) (line string, marks []string) {
	for again := true; again; salt += 10 {
		again = false
		marks = marks[:0]
		for hole, h := range t.Holes {
			mark := fmt.Sprintf("%d%06d%06d", 9, salt, hole)
			for _, lit := range t.Literals {
				again = again || strings.Contains(lit, mark)
			}
			if h.Kind == shred.Array {
				mark = "[" + mark + "]"
			}
			marks = append(marks, mark)
		}
	}
	return string(t.Fill(nil, func(dst []byte, hole int) []byte { return append(dst, marks[hole]...) })), marks
}

// fieldText returns what a value of the kind is as a field.
func fieldText(kind shred.Kind, raw string) string {
	switch kind {
	case shred.String, shred.Quoted:
		return linefield.Unquote(bytesOf(raw))
	case shred.Bare:
		return linefield.Valid(raw)
	}
	return raw
}

// codeBody sets the codes of the rows for a field that is parsed from bodies.
// Bodies that must be parsed are only so in rows of sel, nil meaning all.
func (b *block) codeBody(c *coder, f storage.Field, sel []uint32) error {
	s, err := b.openBodies()
	if err != nil {
		return err
	}
	c.codes = c.codes[:b.rows]
	clear(c.codes)
	var open []uint32 // rows to be parsed
	if s != nil {
		if open, err = b.codeShredded(c, f); err != nil {
			return err
		}
		if sel != nil {
			open = intersect(open, sel)
		}
		if err := b.build(open); err != nil {
			return err
		}
	} else if open = sel; open == nil {
		open = b.everyRow()
	}
	var parser storage.BodyParser
	for _, row := range open {
		c.codes[row] = c.code(parser.Value(b.batch.Body[row], f))
	}
	return nil
}

// codeShredded sets the codes of rows whose template tells where f is, and
// returns the others.
func (b *block) codeShredded(c *coder, f storage.Field) (open []uint32, err error) {
	s := b.shredded
	of := s.resolve(f)
	constants := make([]uint32, len(of))
	for i, r := range of {
		constants[i] = c.code(r.value)
	}
	type source struct {
		column int
		kind   shred.Kind
	}
	coded := map[source][]uint32{} // by value
	at := make([][]uint32, len(of))
	places := make([][]int32, len(of)) // of the values, by row
	for row, t := range s.template {
		if t == whole || of[t].how == parsed {
			open = append(open, uint32(row))
			continue
		}
		if of[t].how == constant {
			c.codes[row] = constants[t]
			continue
		}
		h := s.Templates[t].Holes[of[t].hole]
		if h.Column == shred.Rest {
			text, err := b.textAt(uint32(row), s.Templates[t], of[t].hole)
			if err != nil {
				return nil, err
			}
			c.codes[row] = c.code(model.String(fieldText(h.Kind, text)))
			continue
		}
		if at[t] == nil {
			v, _, err := b.valueAt(uint32(row), h.Column)
			if err != nil {
				return nil, err
			}
			from := source{h.Column, h.Kind}
			if coded[from] == nil {
				coded[from] = b.codeValuesOf(c, v, h.Kind)
			}
			at[t], places[t] = coded[from], v.at
		}
		i := places[t][row]
		if i == absent {
			_, _, err := b.valueAt(uint32(row), h.Column)
			return nil, err
		}
		c.codes[row] = at[t][i]
	}
	return open, nil
}

// codeValuesOf returns the codes of the values of a column.
func (b *block) codeValuesOf(c *coder, v *bodyValues, kind shred.Kind) []uint32 {
	texts := v.words
	if v.codes == nil {
		texts, _ = b.texts(v)
	}
	c.words = slices.Grow(c.words, len(texts))
	of := make([]uint32, len(texts))
	for i, t := range texts {
		word := model.String(fieldText(kind, t))
		if v.codes != nil {
			of[i] = c.add(word)
		} else {
			of[i] = c.code(word)
		}
	}
	if v.codes == nil {
		return of
	}
	out := make([]uint32, len(v.codes))
	for i, code := range v.codes {
		out[i] = of[code]
	}
	return out
}

// narrowField returns the rows of sel that p, which is about one field that is
// parsed from bodies, keeps. Each word of a dictionary is looked at once.
func (b *block) narrowField(f storage.Field, p storage.Predicate, sel []uint32) ([]uint32, error) {
	s, err := b.openBodies()
	if err != nil {
		return nil, err
	}
	keeps := fieldTest(p)
	var parser storage.BodyParser
	parse := func(row uint32) bool { return keeps(parser.Value(b.batch.Body[row], f)) }
	if s == nil {
		return sift(sel, parse), nil
	}
	of := s.resolve(f)
	tests := make([]*fieldValues, len(of))
	var hits, open []uint32 // open: to be parsed
	for _, row := range sel {
		t := s.template[row]
		if t == whole || of[t].how == parsed {
			open = append(open, row)
			continue
		}
		if tests[t] == nil {
			if tests[t], err = b.testField(s.Templates[t], of[t], keeps); err != nil {
				return nil, err
			}
		}
		ok, err := tests[t].keeps(row)
		if err != nil {
			return nil, err
		}
		if ok {
			hits = append(hits, row)
		}
	}
	if len(open) == 0 {
		return hits, nil
	}
	if err := b.build(open); err != nil {
		return nil, err
	}
	return union(hits, sift(open, parse)), nil
}

// fieldValues tell which lines of a template are kept.
type fieldValues struct {
	always bool        // or never, without v
	v      *bodyValues // where the field is
	keep   []bool      // by code, or else by value

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
	if t.v.codes != nil {
		return t.keep[t.v.codes[i]], nil
	}
	return t.keep[i], nil
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
	texts := v.words
	if v.codes == nil {
		texts, _ = b.texts(v)
	}
	test := &fieldValues{v: v, keep: make([]bool, len(texts))}
	for i, text := range texts {
		test.keep[i] = keeps(model.String(fieldText(h.Kind, text)))
	}
	return test, nil
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
