package logql

import (
	"fmt"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// Logfmt is the stage `| logfmt`: without extractions it makes labels of all
// pairs, otherwise of those named.
type Logfmt struct {
	Strict      bool // stop at the first malformed pair, and mark the line
	KeepEmpty   bool // make labels of keys without a value too
	Extractions []Extraction
}

// String prints the stage.
func (s *Logfmt) String() string {
	var b strings.Builder
	b.WriteString("| logfmt")
	if s.Strict {
		b.WriteString(" --strict")
	}
	if s.KeepEmpty {
		b.WriteString(" --keep-empty")
	}
	b.WriteString(extractionsString(s.Extractions))
	return b.String()
}

func (s *Logfmt) compile() (processor, error) {
	p := &logfmtParser{strict: s.Strict, keepEmpty: s.KeepEmpty}
	for _, e := range s.Extractions {
		if err := checkLogfmtKey(e.Expr); err != nil {
			return nil, err
		}
		p.wanted = append(p.wanted, e)
	}
	p.found = make([]string, len(p.wanted))
	p.has = make([]bool, len(p.wanted))
	return p, nil
}

func checkLogfmtKey(key string) error {
	switch n := linefield.FieldLen(key); {
	case n == len(key) && n > 0:
		return nil
	case key == "" || n == 0 && key[0] >= '0' && key[0] <= '9':
		return fmt.Errorf("cannot parse expression [%s]: syntax error: unexpected $end, expecting STRING or KEY", key)
	default:
		return fmt.Errorf("cannot parse expression [%s]: unexpected char %c", key, key[n])
	}
}

type logfmtParser struct {
	strict, keepEmpty bool
	only              func(label string) bool // nil: everything

	wanted []Extraction // nil: everything
	found  []string     // values of wanted
	has    []bool       // which of wanted were found
}

func (p *logfmtParser) want(names wanted) {
	if names != nil {
		p.only = names.test()
	}
}

func (p *logfmtParser) process(l *line) bool {
	clear(p.has)
	s := linefield.Logfmt{Text: l.text}
	for s.Next() {
		if s.Err != nil {
			if p.strict {
				l.fail(linefield.LogfmtError, s.Err.Error())
				break
			}
			continue
		}
		if s.Value == "" && !p.keepEmpty {
			continue
		}
		if p.wanted == nil {
			if name := linefield.Label(s.Key); name != "" && (p.only == nil || p.only(name)) {
				l.extract(name, linefield.Valid(s.Value))
			}
			continue
		}
		for i, w := range p.wanted {
			if w.Expr == s.Key { // the last one counts
				p.found[i], p.has[i] = linefield.Valid(s.Value), true
			}
		}
	}
	for i, w := range p.wanted {
		l.pick(w.Label, p.found[i], p.has[i])
	}
	return true
}
