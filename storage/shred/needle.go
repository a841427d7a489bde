package shred

import "strings"

// A Clue is what a value must be like for its line to contain a needle.
type Clue struct {
	Hole int
	Op   ClueOp
	Text string
}

// ClueOp says how a value compares with the text of a Clue.
type ClueOp uint8

// The comparisons of clues.
const (
	Has ClueOp = iota + 1
	HasPrefix
	HasSuffix
	Is
)

// Holds reports whether value is like the clue.
func (c Clue) Holds(value string) bool {
	switch c.Op {
	case Has:
		return strings.Contains(value, c.Text)
	case HasPrefix:
		return strings.HasPrefix(value, c.Text)
	case HasSuffix:
		return strings.HasSuffix(value, c.Text)
	}
	return value == c.Text
}

// maxWays bounds the work on needles of punctuation.
const maxWays = 256

// Ways returns how a line of the template may contain needle: it does if, and
// only if, its values are like all clues of one of the ways. A way without
// clues means every line. ok is false if there are too many ways to tell.
func (t *Template) Ways(needle string) (ways [][]Clue, ok bool) {
	for _, lit := range t.Literals {
		if strings.Contains(lit, needle) {
			return [][]Clue{nil}, true
		}
	}
	f := finder{t: t}
	for h := range t.Holes {
		f.add(nil, Clue{h, Has, needle})
		for k := 1; k < len(needle); k++ {
			f.next(h, nil, Clue{h, HasSuffix, needle[:k]}, needle[k:])
		}
		lit := t.Literals[h]
		for k := 1; k < len(needle) && k <= len(lit); k++ {
			if strings.HasSuffix(lit, needle[:k]) {
				f.value(h, nil, needle[k:])
			}
		}
	}
	return f.ways, len(f.ways) <= maxWays
}

// A finder collects the ways in which a needle may be in lines of a template.
type finder struct {
	t    *Template
	ways [][]Clue
}

// value goes on where rest is what is left of the needle, and stands where the
// value of hole h begins.
func (f *finder) value(h int, clues []Clue, rest string) {
	if h == len(f.t.Holes) || len(f.ways) > maxWays {
		return
	}
	f.add(clues, Clue{h, HasPrefix, rest})
	for k := range len(rest) {
		f.next(h, clues, Clue{h, Is, rest[:k]}, rest[k:])
	}
}

// next goes on where rest stands behind the value of hole h, which is like
// clue.
func (f *finder) next(h int, clues []Clue, clue Clue, rest string) {
	lit := f.t.Literals[h+1]
	switch {
	case lit == "" || !f.possible(clue):
	case strings.HasPrefix(lit, rest):
		f.add(clues, clue)
	case strings.HasPrefix(rest, lit):
		f.value(h+1, append(clues[:len(clues):len(clues)], clue), rest[len(lit):])
	}
}

func (f *finder) add(clues []Clue, clue Clue) {
	if f.possible(clue) && len(f.ways) <= maxWays {
		f.ways = append(f.ways, append(clues[:len(clues):len(clues)], clue))
	}
}

// possible reports whether a value of the hole's kind may be like the clue. It
// may say so of some that cannot.
func (f *finder) possible(c Clue) bool {
	kind := f.t.Holes[c.Hole].Kind
	open := c.Op == Has || c.Op == HasSuffix // what stands before is not known
	for i := range len(c.Text) {
		b := c.Text[i]
		switch kind {
		case String, Quoted:
			if kind == String && b < ' ' {
				return false
			}
			if escaped := i == 0 && open || i > 0 && c.Text[i-1] == '\\'; b == '"' && !escaped {
				return false
			}
		case Number:
			if !isDigit(b) && strings.IndexByte("+-.eE", b) < 0 {
				return false
			}
		case Bool:
			if strings.IndexByte("truefals", b) < 0 {
				return false
			}
		case Bare:
			if !isKeyByte(b) {
				return false
			}
		}
	}
	return true
}

// Possible reports whether a text of the column may contain part. It may say so
// of some that cannot.
func (c *Column) Possible(part string) bool {
	alphabet := ""
	switch c.Type {
	case Text:
		return c.spells(part)
	case Int, Decimal:
		alphabet = "0123456789-." + c.Prefix + c.Suffix
	case Hex:
		alphabet = "0123456789abcdef"
	case UUID:
		alphabet = "0123456789abcdef-"
	case Time:
		alphabet = "0123456789-:.,T Z+"
	default:
		return true
	}
	for i := range len(part) {
		if strings.IndexByte(alphabet, part[i]) < 0 {
			return false
		}
	}
	return len(part) <= 2*maxHex
}
