package logql

import (
	"fmt"
	"strings"
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
	switch n := fieldLen(key); {
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
	only              wanted

	wanted []Extraction // nil: everything
	found  []string     // values of wanted
	has    []bool       // which of wanted were found
}

func (p *logfmtParser) want(names wanted) { p.only = names }

func (p *logfmtParser) process(l *line) bool {
	clear(p.has)
	s := logfmtScanner{text: l.text}
	for s.next() {
		if s.err != nil {
			if p.strict {
				l.fail(errLogfmt, s.err.Error())
				break
			}
			continue
		}
		if s.value == "" && !p.keepEmpty {
			continue
		}
		if p.wanted == nil {
			if name := sanitizeName(s.key); name != "" && p.only.has(name) {
				l.extract(name, validValue(s.value))
			}
			continue
		}
		for i, w := range p.wanted {
			if w.Expr == s.key { // the last one counts
				p.found[i], p.has[i] = validValue(s.value), true
			}
		}
	}
	p.keep(l)
	return true
}

// keep sets the labels asked for; those not found are empty, unless the line
// has a label of that name.
func (p *logfmtParser) keep(l *line) {
	for i, w := range p.wanted {
		if p.has[i] {
			l.set(l.extractedName(w.Label), p.found[i], fromParser)
		} else if _, ok := l.get(w.Label); !ok {
			l.set(w.Label, "", fromParser)
		}
	}
}
