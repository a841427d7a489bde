package ruletest

import "github.com/prometheus/prometheus/promql/parser"

// ParseFile reads a file of tests and makes what it feeds in.
func ParseFile(text []byte) {
	f, err := parseFile(text, false)
	if err != nil {
		return
	}
	for i := range f.Tests {
		_, _ = f.Tests[i].events(parser.NewParser(parser.Options{})) // may not panic
	}
}
