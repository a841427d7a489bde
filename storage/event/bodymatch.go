package event

import (
	"bytes"
	"strings"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// narrowBody returns the rows of sel that p, which is about the body or a field
// parsed from it, keeps.
func (b *block) narrowBody(f storage.Field, p storage.Predicate, sel []uint32) ([]uint32, error) {
	if ofBody(f.Place) {
		return b.narrowField(f, p, sel)
	}
	switch p := p.(type) {
	case storage.Exists:
		return sel, nil
	case storage.Contains:
		return b.bodyContains(p.Needle, p.FoldCase, sel)
	case storage.Match:
		return b.bodyMatches(p.Regexp, sel)
	}
	if err := b.build(sel); err != nil {
		return nil, err
	}
	m := storage.NewMatcher(p)
	return sift(sel, func(i uint32) bool { return m.Keep(&b.batch, int(i)) }), nil
}

// fieldOf returns the field of a predicate that is about one.
func fieldOf(p storage.Predicate) (of storage.Field) {
	fields(p, func(f storage.Field) { of = f })
	return of
}

// bodyContains returns the rows of sel whose body has the needle. Shredded
// bodies are not put together for it unless their template cannot tell.
func (b *block) bodyContains(needle string, fold bool, sel []uint32) ([]uint32, error) {
	has := func(s string) bool { return strings.Contains(s, needle) }
	if fold {
		has = func(s string) bool { return storage.ContainsFold(s, needle) }
	}
	s, err := b.openBodies()
	if err != nil {
		return nil, err
	}
	if s == nil {
		if fold {
			return sift(sel, func(i uint32) bool { return has(b.batch.Body[i]) }), nil
		}
		return bodiesContain(b, needle, sel), nil
	}
	hunt := &hunt{b: b, tests: map[clueKey]*clueTest{}}
	of := make([]*finding, len(s.Templates))
	var hits, open []uint32 // open: to be read or put together
	for _, row := range sel {
		t := s.template[row]
		if t == whole {
			open = append(open, row)
			continue
		}
		if of[t] == nil {
			if of[t], err = hunt.find(s.Templates[t], needle, fold); err != nil {
				return nil, err
			}
		}
		switch f := of[t]; {
		case !f.known:
			open = append(open, row)
		case f.holds(row):
			hits = append(hits, row)
		}
	}
	if hunt.err != nil {
		return nil, hunt.err
	}
	if len(open) == 0 {
		return hits, nil
	}
	if err := b.build(open); err != nil {
		return nil, err
	}
	return union(hits, sift(open, func(i uint32) bool { return has(b.batch.Body[i]) })), nil
}

// A hunt looks for one needle in the shredded bodies of a granule.
type hunt struct {
	b     *block
	tests map[clueKey]*clueTest
	err   error // of a test
}

// A clueKey is a clue about a column.
type clueKey struct {
	column int
	op     shred.ClueOp
	text   string
	fold   bool
}

// A finding is what a template says about a needle.
type finding struct {
	known bool          // it can tell
	ways  [][]*clueTest // of which one must hold; one without tests always does
}

func (f *finding) holds(row uint32) bool {
	for _, way := range f.ways {
		all := true
		for _, t := range way {
			if !t.holds(row) {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// find returns what t says about the needle.
func (h *hunt) find(t *shred.Template, needle string, fold bool) (*finding, error) {
	waysOf := t.Ways
	if fold {
		waysOf = func(needle string) ([][]shred.Clue, bool) { return foldedWays(t, needle) }
	}
	ways, known := waysOf(needle)
	f := &finding{known: known}
	if !known {
		return f, nil
	}
	for _, way := range ways {
		var tests []*clueTest
		possible := true
		for _, c := range way {
			test, err := h.test(t, c, fold)
			if err != nil {
				return nil, err
			}
			if possible = possible && !test.never; !possible {
				break
			}
			tests = append(tests, test)
		}
		if possible {
			f.ways = append(f.ways, tests)
		}
	}
	return f, nil
}

// foldedWays is Ways under case folding, for needles that cannot be partly in a
// value and partly beside it: none of the bytes is in them that stand where
// values begin or end. Those bytes are punctuation, which has no case.
func foldedWays(t *shred.Template, needle string) (ways [][]shred.Clue, known bool) {
	for i, lit := range t.Literals {
		if storage.ContainsFold(lit, needle) {
			return [][]shred.Clue{nil}, true
		}
		if i > 0 && lit != "" && strings.IndexByte(needle, lit[0]) >= 0 ||
			i < len(t.Holes) && strings.IndexByte(needle, lit[len(lit)-1]) >= 0 {
			return nil, false
		}
	}
	for h := range t.Holes {
		ways = append(ways, []shred.Clue{{Hole: h, Op: shred.Has, Text: needle}})
	}
	return ways, true
}

// A clueTest tells which values of a column are like a clue.
type clueTest struct {
	v     *bodyValues
	never bool
	words []bool // by code
	some  []bool // by value, if not by code

	row func(row uint32) bool // of values without a column
}

func (t *clueTest) holds(row uint32) bool {
	if t.row != nil {
		return t.row(row)
	}
	i := t.v.at[row]
	if i == absent || t.never {
		return false
	}
	if t.words != nil {
		return t.words[t.v.codes[i]]
	}
	return t.some[i]
}

// test returns the test of a clue about lines of a template.
func (h *hunt) test(t *shred.Template, c shred.Clue, fold bool) (*clueTest, error) {
	if column := t.Holes[c.Hole].Column; column != shred.Rest {
		return h.columnTest(clueKey{column, c.Op, c.Text, fold})
	}
	rest, err := h.b.restValues()
	if err != nil {
		return nil, err
	}
	if !fold && !strings.Contains(rest.raw, c.Text) {
		return &clueTest{never: true}, nil
	}
	holds := clueHolds(c, fold)
	return &clueTest{row: func(row uint32) bool {
		text, err := h.b.textAt(row, t, c.Hole)
		if err != nil {
			h.err = err
		}
		return err == nil && holds(text)
	}}, nil
}

func (h *hunt) columnTest(k clueKey) (*clueTest, error) {
	if t := h.tests[k]; t != nil {
		return t, nil
	}
	t := &clueTest{}
	h.tests[k] = t
	col := &h.b.shredded.Columns[k.column]
	if t.never = !k.fold && !col.Possible(k.text); t.never {
		return t, nil // without reading the column
	}
	v, err := h.b.values(k.column)
	if err != nil {
		return nil, err
	}
	t.v = v
	holds := clueHolds(shred.Clue{Op: k.op, Text: k.text}, k.fold)
	switch {
	case v.codes != nil:
		t.words, t.never = v.mark(holds)
	case (k.op == shred.Has || k.op == shred.Is) && !k.fold:
		if raw, ok := fixedValue(col, k.text); ok {
			t.some, t.never = equalFixed(v.fixed, raw)
			break
		}
		fallthrough
	default:
		h.b.spell(v)
		if k.op == shred.Has && !k.fold && !strings.Contains(v.raw, k.text) {
			t.never = true
			break
		}
		t.some, t.never = v.mark(holds)
	}
	return t, nil
}

// clueHolds returns the test of one value. Under case folding clues are of the
// kind Has.
func clueHolds(c shred.Clue, fold bool) func(value string) bool {
	if fold {
		return func(value string) bool { return storage.ContainsFold(value, c.Text) }
	}
	return c.Holds
}

// equalFixed marks the values of a column of fixed size that are want.
func equalFixed(values, want []byte) (equal []bool, never bool) {
	equal, never = make([]bool, len(values)/len(want)), true
	for at := 0; ; at++ {
		next := bytes.Index(values[at:], want)
		if next < 0 {
			return equal, never
		}
		if at += next; at%len(want) == 0 {
			equal[at/len(want)], never = true, false
		}
	}
}

// mark asks holds for each text once, and says whether none holds.
func (v *bodyValues) mark(holds func(text string) bool) (marks []bool, never bool) {
	marks, never = make([]bool, v.texts()), true
	for i := range marks {
		if holds(v.text(i)) {
			marks[i], never = true, false
		}
	}
	return marks, never
}

// spell makes sure that the values have texts.
func (b *block) spell(v *bodyValues) {
	if v.ends != nil {
		return
	}
	n := len(v.ints)
	if w := v.col.Width(); w > 0 {
		n = len(v.fixed) / w
	}
	ends := append(make([]uint32, 0, n+1), 0)
	arena := make([]byte, 0, 16*n)
	for row, i := range v.at {
		if i == absent {
			continue
		}
		arena = v.append(arena, i, b.timeAt(uint32(row)))
		ends = append(ends, uint32(len(arena)))
	}
	v.raw, v.ends = stringOf(arena), ends
}
