package linefield

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Pattern is an expression of LogQL's `| pattern` and `|>`: captures as in
// <name>, and the text between them. The capture <_> has no name.
type Pattern struct{ nodes []patternNode }

// A patternNode is a literal text or, if name is set, a capture: "_" is one
// whose text is not kept.
type patternNode struct{ literal, name string }

// ParsePattern splits an expression.
func ParsePattern(expr string) (Pattern, error) {
	var nodes []patternNode
	text := 0 // start of the literal not yet added
	for i := 0; i < len(expr); {
		name, size := captureAt(expr[i:])
		if size == 0 {
			i++
			continue
		}
		if i > text {
			nodes = append(nodes, patternNode{literal: expr[text:i]})
		} else if n := len(nodes); n > 0 {
			return Pattern{}, fmt.Errorf("found consecutive capture '<%s><%s>': invalid expression", nodes[n-1].name, name)
		}
		nodes = append(nodes, patternNode{name: name})
		i += size
		text = i
	}
	if text < len(expr) {
		nodes = append(nodes, patternNode{literal: expr[text:]})
	}
	return Pattern{nodes}, nil
}

// captureAt returns the name of the capture s begins with and its length.
func captureAt(s string) (name string, size int) {
	if s == "" || s[0] != '<' {
		return "", 0
	}
	n := 1
	for n < len(s) && IsLabelByte(s[n]) {
		n++
	}
	if n == len(s) || s[n] != '>' || !IsLabel(s[1:n]) {
		return "", 0
	}
	return s[1:n], n + 1
}

// Names returns the names of captures, in order.
func (p Pattern) Names() []string {
	var names []string
	for _, n := range p.nodes {
		if n.name != "" && n.name != "_" {
			names = append(names, n.name)
		}
	}
	return names
}

// Literals returns the text between captures, none of it empty.
func (p Pattern) Literals() []string {
	var texts []string
	for _, n := range p.nodes {
		if n.name == "" {
			texts = append(texts, n.literal)
		}
	}
	return texts
}

var errNoCapture = errors.New("at least one capture is required")

// CheckNames returns an error unless p has names, each once: without, it finds
// nothing.
func (p Pattern) CheckNames() error {
	names := p.Names()
	if len(names) == 0 {
		return errNoCapture
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("duplicate capture name (%s): invalid expression", name)
		}
	}
	return nil
}

// Each calls found for each named capture. A literal at the start must be at
// the start of the text; when a later one is missing, the capture before it
// takes the rest, and that is the end.
func (p Pattern) Each(text string, found func(name, value string)) {
	nodes, rest := p.nodes, text
	if len(nodes) > 0 && nodes[0].name == "" {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, nodes[0].literal); !ok {
			return
		}
		nodes = nodes[1:]
	}
	for len(nodes) > 0 && rest != "" {
		value, more := rest, false
		if len(nodes) > 1 {
			value, rest, more = strings.Cut(rest, nodes[1].literal)
		}
		if nodes[0].name != "_" {
			found(nodes[0].name, value)
		}
		if !more {
			return
		}
		nodes = nodes[2:]
	}
}

// Matches reports whether the literals stand in text one after the other, each
// at its first place, with something for each capture and nothing besides.
func (p Pattern) Matches(text string) bool {
	if len(p.nodes) == 0 || text == "" {
		return len(p.nodes) == 0 && text == ""
	}
	for i, n := range p.nodes {
		if n.name != "" {
			continue
		}
		at := strings.Index(text, n.literal)
		if at < 0 || i > 0 && at == 0 {
			return false
		}
		text = text[at+len(n.literal):]
	}
	endsInCapture := p.nodes[len(p.nodes)-1].name != ""
	return endsInCapture == (text != "")
}
