package shred

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Format is a way of writing keys and values in a line.
type Format uint8

// The formats. Their numbers and names are stored on disk.
const (
	JSON Format = iota + 1
	Logfmt
)

// String returns the format's name.
func (f Format) String() string {
	switch f {
	case JSON:
		return "json"
	case Logfmt:
		return "logfmt"
	}
	return fmt.Sprintf("format(%d)", uint8(f))
}

// A Kind says how a value stands in a line. The bytes of kinds stand for holes
// in skeletons, where they cannot occur otherwise.
type Kind uint8

// The kinds of values. Their numbers are stored on disk.
const (
	String Kind = iota + 1 // of JSON: between quotes, escapes as they are
	Number                 // of JSON
	Bool                   // of JSON
	Array                  // of JSON: all of it, as it is
	Bare                   // of logfmt: not empty
	Quoted                 // of logfmt: between quotes, escapes as they are, not empty
	kinds  = iota
)

func (k Kind) format() Format {
	if k >= Bare {
		return Logfmt
	}
	return JSON
}

// A Hole is where a template lacks a value.
type Hole struct {
	Kind   Kind `json:"kind"`
	Column int  `json:"column"` // of the plan: which values go here; or Rest
}

// Rest in place of a column stands for the values that have none, since few
// lines have their keys.
const Rest = -1

// A Template is what lines of one shape share: literals with a hole between
// each two.
type Template struct {
	Literals []string `json:"literals"`
	Holes    []Hole   `json:"holes"`
}

// Format returns the format of the template's lines.
func (t *Template) Format() Format { return t.Holes[0].Kind.format() }

// Fill appends the line whose hole i has the value that value appends.
func (t *Template) Fill(dst []byte, value func(dst []byte, hole int) []byte) []byte {
	for i := range t.Holes {
		dst = append(dst, t.Literals[i]...)
		dst = value(dst, i)
	}
	return append(dst, t.Literals[len(t.Holes)]...)
}

// match finds the values of a line of this template. It accepts just the lines
// whose skeleton is the template's.
func (t *Template) match(s string, values []Span) ([]Span, bool) {
	values = values[:0]
	at := 0
	for i, h := range t.Holes {
		lit := t.Literals[i]
		if !strings.HasPrefix(s[at:], lit) {
			return values, false
		}
		at += len(lit)
		end := valueEnd(s, at, h.Kind)
		if end < 0 {
			return values, false
		}
		values = append(values, Span{at, end})
		at = end
	}
	return values, s[at:] == t.Literals[len(t.Holes)]
}

// valueEnd returns the end of a value that starts at from, or -1 if there is
// none of that kind.
func valueEnd(s string, from int, kind Kind) int {
	switch kind {
	case String:
		return stringEnd(s, from)
	case Number:
		return numberEnd(s, from)
	case Bool:
		return boolEnd(s, from)
	case Array:
		if from < len(s) && s[from] == '[' {
			return arrayEnd(s, from, maxDepth)
		}
	case Bare:
		return bareEnd(s, from)
	case Quoted:
		return quotedEnd(s, from)
	}
	return -1
}

var errNoTemplate = errors.New("no template")

// parseSkeleton returns the template of a skeleton, its holes' keys in place of
// columns, or an error if the skeleton has keys twice or in an odd encoding.
func parseSkeleton(skeleton string) (t *Template, paths [][]string, err error) {
	t = &Template{}
	start := 0
	for i := range len(skeleton) {
		if k := skeleton[i]; k >= 1 && k <= kinds {
			t.Literals = append(t.Literals, skeleton[start:i])
			t.Holes = append(t.Holes, Hole{Kind: Kind(k)})
			start = i + 1
		}
	}
	t.Literals = append(t.Literals, skeleton[start:])
	if len(t.Holes) == 0 || !utf8.ValidString(skeleton) {
		return nil, nil, errNoTemplate
	}
	if t.Format() == JSON {
		paths, err = jsonPaths(skeleton)
	} else {
		paths, err = logfmtPaths(skeleton)
	}
	if err == nil && len(paths) != len(t.Holes) {
		err = errNoTemplate
	}
	return t, paths, err
}

// jsonPaths returns the keys that lead to each hole. The skeleton is of a valid
// line.
func jsonPaths(skeleton string) (paths [][]string, err error) {
	var path []string   // of the value to come
	var keys [][]string // of each object that is open
	for i := 0; i < len(skeleton); i++ {
		switch c := skeleton[i]; c {
		case '{':
			keys = append(keys, nil)
			path = append(path, "")
		case '}':
			keys = keys[:len(keys)-1]
			path = path[:len(path)-1]
		case '"':
			if k := skeleton[i+1]; k == byte(String) { // a value
				paths = append(paths, slices.Clone(path))
				i += 2
				continue
			}
			end := i + 1 + strings.IndexByte(skeleton[i+1:], '"')
			key := skeleton[i+1 : end]
			siblings := &keys[len(keys)-1]
			if slices.Contains(*siblings, key) {
				return nil, errNoTemplate
			}
			*siblings = append(*siblings, key)
			path[len(path)-1] = key
			i = end
		case byte(Number), byte(Bool), byte(Array):
			paths = append(paths, slices.Clone(path))
		}
	}
	return paths, nil
}

// logfmtPaths returns the key of each hole.
func logfmtPaths(skeleton string) (paths [][]string, err error) {
	var keys []string
	for _, pair := range strings.FieldsFunc(skeleton, func(r rune) bool { return r == ' ' || r == '\t' }) {
		key, value, _ := strings.Cut(pair, "=")
		if slices.Contains(keys, key) {
			return nil, errNoTemplate
		}
		keys = append(keys, key)
		if value != "" && value != `""` {
			paths = append(paths, []string{key})
		}
	}
	return paths, nil
}
