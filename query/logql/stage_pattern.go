package logql

import (
	"fmt"
	"strconv"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// Pattern is the stage `| pattern "<ip> - <user>"`.
type Pattern struct{ Expr string }

// String prints the stage.
func (s *Pattern) String() string { return "| pattern " + strconv.Quote(s.Expr) }

func (*Pattern) bareErrors() {}

type patternParser struct{ pattern linefield.Pattern }

func (s *Pattern) compile() (processor, error) {
	p, err := linefield.ParsePattern(s.Expr)
	if err == nil {
		err = p.CheckNames()
	}
	if err != nil {
		return nil, fmt.Errorf("invalid pattern parser: %w", err)
	}
	return &patternParser{p}, nil
}

// process sets a label for each capture.
func (p *patternParser) process(l *line) bool {
	p.pattern.Each(l.text, l.extract)
	return true
}
