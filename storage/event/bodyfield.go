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
	known map[storage.Field]*resolved

	within map[string]bool // what bodyPlan.within said
}

// resolved is what a field is for each template, and where it is in rows of
// any.
type resolved struct {
	of   []resolution
	sole soleColumn
	same bool // all templates have the value of the first, or none
}

// maxResolved bounds the memory for fields that are different every time.
const maxResolved = 256

// resolve returns what f is for each template.
func (p *bodyPlan) resolve(f storage.Field) *resolved {
	r := &p.resolved
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[f]; known != nil {
		return known
	}
	if r.known == nil || len(r.known) >= maxResolved {
		r.known = map[storage.Field]*resolved{}
	}
	var parser storage.BodyParser
	of := make([]resolution, len(p.Templates))
	for i, t := range p.Templates {
		of[i] = resolve(t, f, &parser)
	}
	found := &resolved{of: of, sole: p.sole(of)}
	found.same = len(of) > 0 && !slices.ContainsFunc(of, func(r resolution) bool { return r.how != constant || r.value != of[0].value })
	r.known[f] = found
	return found
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
	if isPlain(raw) {
		return raw
	}
	switch kind {
	case shred.String, shred.Quoted:
		return linefield.Unquote(bytesOf(raw))
	case shred.Bare:
		return linefield.Valid(raw)
	}
	return raw
}

// isPlain reports whether s is a short text that stands for itself whatever the
// kind.
func isPlain(s string) bool {
	if len(s) > 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == '\\' {
			return false
		}
	}
	return true
}

// codeBody sets the codes of the rows for a field that is parsed from bodies.
// Bodies that must be parsed are only so in rows of sel, nil meaning all.
func (b *block) codeBody(c *coder, f storage.Field, sel []uint32) error {
	c.codes = c.codes[:b.rows]
	clear(c.codes)
	if v, kind, err := b.soleValues(f); err != nil {
		return err
	} else if v != nil {
		open, err := b.codeSole(c, v, kind, f, sel)
		if err != nil {
			return err
		}
		return b.parseInto(c, f, open)
	}
	if s := b.shredded; s != nil && b.surelyCut(sel) {
		if r := s.resolve(f); r.same {
			if code := c.code(r.of[0].value); code != 0 {
				for row := range c.codes {
					c.codes[row] = code
				}
			}
			return nil
		}
	}
	s, err := b.openBodies()
	if err != nil {
		return err
	}
	var open []uint32 // rows to be parsed
	if s != nil {
		if open, err = b.codeShredded(c, f); err != nil {
			return err
		}
		if sel != nil {
			open = intersect(open, sel)
		}
	} else if open = sel; open == nil {
		open = b.everyRow()
	}
	return b.parseInto(c, f, open)
}

// surelyCut reports whether all rows of sel, nil meaning all, are known to be
// shredded, without reading more: a column that has been read says so.
func (b *block) surelyCut(sel []uint32) bool {
	for _, v := range b.shredded.columns {
		if v != nil && (v.every || sel != nil && !slices.ContainsFunc(sel, func(row uint32) bool { return v.at[row] == absent })) {
			return true
		}
	}
	return false
}

// parseInto sets the codes of rows whose bodies must be parsed.
func (b *block) parseInto(c *coder, f storage.Field, open []uint32) error {
	if len(open) == 0 {
		return nil
	}
	if err := b.build(open); err != nil {
		return err
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
	of := s.resolve(f).of
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
	of := b.codesOfWords(c, v, kind)
	if v.codes == nil {
		return of
	}
	out := make([]uint32, len(v.codes))
	for i, code := range v.codes {
		out[i] = of[code]
	}
	return out
}

// codesOfWords returns the codes of the words of a column with a dictionary,
// else of its values.
func (b *block) codesOfWords(c *coder, v *bodyValues, kind shred.Kind) []uint32 {
	b.spell(v)
	n := v.texts()
	c.words = append(b.scratch.takeValues(len(c.words) + n)[:0], c.words...)
	of := b.scratch.takeRows(n)
	for i := range of {
		word := model.String(fieldText(kind, v.text(i)))
		if v.codes != nil {
			of[i] = c.add(word)
		} else {
			of[i] = c.code(word)
		}
	}
	return of
}

// narrowField returns the rows of sel that p, which is about one field that is
// parsed from bodies, keeps. Each word of a dictionary is looked at once.
func (b *block) narrowField(f storage.Field, p storage.Predicate, sel []uint32) ([]uint32, error) {
	if _, ok := soleStep(p); ok {
		if v, kind, err := b.soleValues(f); err != nil {
			return nil, err
		} else if v != nil {
			return b.narrowSoleOpen(v, kind, f, p, sel)
		}
	}
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
	of := s.resolve(f).of
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
