package shred

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Plan is how the lines of one part are cut.
type Plan struct {
	Columns   []Column    `json:"columns"`
	Templates []*Template `json:"templates"`

	bySkeleton map[string]int
}

// Names returns a name for each column that no other has: the format, a point,
// and the keys with points between; what stands around a number that is the
// column's value, as in "json.took (#ms)"; then a number if that is not enough.
func (p *Plan) Names() []string {
	names := make([]string, len(p.Columns))
	taken := make(map[string]bool, len(p.Columns))
	for i := range p.Columns {
		c := &p.Columns[i]
		base := c.Format.String() + "." + strings.Join(c.Path, ".")
		if c.Prefix != "" || c.Suffix != "" {
			base += " (" + strings.ToValidUTF8(c.Prefix, "?") + "#" + strings.ToValidUTF8(c.Suffix, "?") + ")"
		}
		names[i] = base
		for n := 2; taken[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s#%d", base, n)
		}
		taken[names[i]] = true
	}
	return names
}

// Encode returns the plan as Decode reads it.
func (p *Plan) Encode() ([]byte, error) {
	for i := range p.Columns {
		p.Columns[i].setAlphabet()
	}
	return json.Marshal(p)
}

// Decode reads a plan. One that it accepts is safe to use, wherever it is from.
func Decode(b []byte) (*Plan, error) {
	p := new(Plan)
	if err := json.Unmarshal(b, p); err != nil {
		return nil, err
	}
	for i := range p.Columns {
		if !p.Columns[i].valid() {
			return nil, fmt.Errorf("column %d: %+v", i, p.Columns[i])
		}
	}
	p.bySkeleton = make(map[string]int, len(p.Templates))
	for i, t := range p.Templates {
		if t == nil || !p.valid(t) {
			return nil, fmt.Errorf("template %d: %+v", i, t)
		}
		p.bySkeleton[t.skeleton()] = i
	}
	return p, nil
}

func (c *Column) valid() bool {
	if c.Format != JSON && c.Format != Logfmt || len(c.Path) == 0 {
		return false
	}
	if len(c.Prefix) > maxAffix || len(c.Suffix) > maxAffix {
		return false
	}
	if n := len(c.Alphabet); n != 0 && (n != alphabetSize || c.Type != Text) {
		return false
	}
	switch c.Type {
	case Text, Int:
		return true
	case Decimal:
		return !c.Dict && c.Digits >= 1 && c.Digits < maxDigits
	case Hex:
		return !c.Dict && c.Size >= minHex && c.Size <= maxHex
	case UUID:
		return !c.Dict
	case Time:
		return !c.Dict && c.Layout != nil && c.Layout.valid()
	}
	return false
}

func (p *Plan) valid(t *Template) bool {
	n := len(t.Holes)
	if n == 0 || n > maxHoles || len(t.Literals) != n+1 || slices.Contains(t.Literals[:n], "") {
		return false
	}
	seen := make(map[int]bool, n)
	for _, h := range t.Holes {
		if h.Kind < String || h.Kind > kinds || h.Kind.format() != t.Format() {
			return false
		}
		if h.Column == Rest {
			continue
		}
		if h.Column < 0 || h.Column >= len(p.Columns) || seen[h.Column] || p.Columns[h.Column].Format != t.Format() {
			return false
		}
		seen[h.Column] = true
	}
	return true
}

// skeleton returns the template as a Cutter makes it.
func (t *Template) skeleton() string {
	return string(t.Fill(nil, func(dst []byte, hole int) []byte { return append(dst, byte(t.Holes[hole].Kind)) }))
}
