package logql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// A patternNode is a literal text or, if name is set, a capture: "_" is one
// whose text is not kept.
type patternNode struct{ literal, name string }

// parsePattern splits <name> captures from the text between them.
func parsePattern(expr string) ([]patternNode, error) {
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
			return nil, fmt.Errorf("found consecutive capture '<%s><%s>': invalid expression", nodes[n-1].name, name)
		}
		nodes = append(nodes, patternNode{name: name})
		i += size
		text = i
	}
	if text < len(expr) {
		nodes = append(nodes, patternNode{literal: expr[text:]})
	}
	return nodes, nil
}

// captureAt returns the name of the capture s begins with and its length.
func captureAt(s string) (name string, size int) {
	if s == "" || s[0] != '<' {
		return "", 0
	}
	n := 1
	for n < len(s) && linefield.IsLabelByte(s[n]) {
		n++
	}
	if n == len(s) || s[n] != '>' || !linefield.IsLabel(s[1:n]) {
		return "", 0
	}
	return s[1:n], n + 1
}

// newLinePattern compiles the pattern of |> and !>.
func newLinePattern(expr string) (textTest, error) {
	nodes, err := parsePattern(expr)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if n.name != "" && n.name != "_" {
			return nil, fmt.Errorf("named captures are not allowed: found '<%s>'", n.name)
		}
	}
	return func(text string) bool { return linePatternMatches(nodes, text) }, nil
}

// linePatternMatches looks for the literals one after the other, each at its
// first place. A capture is never empty.
func linePatternMatches(nodes []patternNode, text string) bool {
	if len(nodes) == 0 || text == "" {
		return len(nodes) == 0 && text == ""
	}
	for i, n := range nodes {
		if n.name != "" {
			continue
		}
		at := strings.Index(text, n.literal)
		if at < 0 || i > 0 && at == 0 {
			return false
		}
		text = text[at+len(n.literal):]
	}
	endsInCapture := nodes[len(nodes)-1].name != ""
	return endsInCapture == (text != "")
}

var errNoCapture = errors.New("at least one capture is required")
