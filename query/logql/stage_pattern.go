package logql

import (
	"fmt"
	"strconv"
	"strings"
)

// Pattern is the stage `| pattern "<ip> - <user>"`.
type Pattern struct{ Expr string }

// String prints the stage.
func (s *Pattern) String() string { return "| pattern " + strconv.Quote(s.Expr) }

func (*Pattern) bareErrors() {}

type patternParser struct{ nodes []patternNode }

func (s *Pattern) compile() (processor, error) {
	nodes, err := parsePattern(s.Expr)
	if err == nil {
		err = checkCaptures(nodes)
	}
	if err != nil {
		return nil, fmt.Errorf("invalid pattern parser: %w", err)
	}
	return &patternParser{nodes: nodes}, nil
}

func checkCaptures(nodes []patternNode) error {
	seen := map[string]bool{}
	for _, n := range nodes {
		if n.name == "" || n.name == "_" {
			continue
		}
		if seen[n.name] {
			return fmt.Errorf("duplicate capture name (%s): invalid expression", n.name)
		}
		seen[n.name] = true
	}
	if len(seen) == 0 {
		return errNoCapture
	}
	return nil
}

// process sets a label for each capture. A literal at the start must be at the
// start of the text; when a later one is missing, the capture before it takes
// the rest, and that is the end.
func (p *patternParser) process(l *line) bool {
	nodes, rest := p.nodes, l.text
	if nodes[0].name == "" {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, nodes[0].literal); !ok {
			return true
		}
		nodes = nodes[1:]
	}
	for len(nodes) > 0 && rest != "" {
		value := rest
		found := false
		if len(nodes) > 1 {
			if at := strings.Index(rest, nodes[1].literal); at >= 0 {
				value, rest, found = rest[:at], rest[at+len(nodes[1].literal):], true
			}
		}
		if nodes[0].name != "_" {
			l.extract(nodes[0].name, value)
		}
		if !found {
			break
		}
		nodes = nodes[2:]
	}
	return true
}
