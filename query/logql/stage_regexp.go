package logql

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// Regexp is the stage `| regexp "(?P<name>...)"`.
type Regexp struct{ Expr string }

// String prints the stage.
func (s *Regexp) String() string { return "| regexp " + strconv.Quote(s.Expr) }

func (*Regexp) bareErrors() {}

type regexpParser struct {
	re    *regexp.Regexp
	names []string // by group; "" is not kept
}

func (s *Regexp) compile() (processor, error) {
	re, err := regexp.Compile(s.Expr)
	if err != nil {
		return nil, fmt.Errorf("invalid regexp parser: %w", err)
	}
	p := &regexpParser{re: re, names: re.SubexpNames()}
	seen := map[string]bool{}
	for _, n := range p.names {
		if n == "" {
			continue
		}
		if !linefield.IsLabel(n) {
			return nil, fmt.Errorf("invalid regexp parser: invalid extracted label name '%s'", n)
		}
		if seen[n] {
			return nil, fmt.Errorf("invalid regexp parser: duplicate extracted label name '%s'", n)
		}
		seen[n] = true
	}
	if len(seen) == 0 {
		return nil, errors.New("invalid regexp parser: at least one named capture must be supplied")
	}
	return p, nil
}

func (p *regexpParser) process(l *line) bool {
	at := p.re.FindStringSubmatchIndex(l.text)
	if at == nil {
		return true
	}
	for g, name := range p.names {
		if name == "" {
			continue
		}
		value := ""
		if from := at[2*g]; from >= 0 {
			value = l.text[from:at[2*g+1]]
		}
		l.extract(name, value)
	}
	return true
}
