package shred

// A Span is a piece of a line: the bytes from Start to before End.
type Span struct{ Start, End int }

// A Cutter takes lines apart. It is not safe for concurrent use.
type Cutter struct {
	// Values are where the values of the line cut last are, by hole.
	Values []Span

	skeleton []byte // the line with a byte of the kind for each value
	done     int    // how far the line is in skeleton
}

// maxHoles bounds the values of a line.
const maxHoles = 1024

// cut makes the skeleton of a line and reports whether there is one.
func (c *Cutter) cut(s string) bool {
	c.Values, c.skeleton, c.done = c.Values[:0], c.skeleton[:0], 0
	if s == "" {
		return false
	}
	ok := false
	if s[0] == '{' {
		ok = c.cutJSON(s)
	} else {
		ok = c.cutLogfmt(s)
	}
	c.skeleton = append(c.skeleton, s[c.done:]...)
	return ok && len(c.Values) > 0 && len(c.Values) <= maxHoles
}

// hole cuts out s[start:end].
func (c *Cutter) hole(s string, start, end int, k Kind) {
	c.skeleton = append(append(c.skeleton, s[c.done:start]...), byte(k))
	c.done = end
	c.Values = append(c.Values, Span{start, end})
}

// Cut finds the template of p that a line has, and its Values. hint is tried
// first: the template that a line like it had, or -1. It returns -1 if the
// line has none.
func (c *Cutter) Cut(p *Plan, line string, hint int) (template int) {
	if hint >= 0 {
		var ok bool
		if c.Values, ok = p.Templates[hint].match(line, c.Values); ok {
			return hint
		}
	}
	if c.cut(line) {
		if t, ok := p.bySkeleton[string(c.skeleton)]; ok {
			return t
		}
	}
	return -1
}
