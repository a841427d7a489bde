package logql

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// Drop is the stage `| drop a, b="x"`: it removes labels.
type Drop struct{ Labels []LabelRef }

// Keep is the stage `| keep a, b="x"`: it removes all other labels, but never
// those that tell of an error.
type Keep struct{ Labels []LabelRef }

// A LabelRef names a label, with a Matcher only if it has a value that matches.
type LabelRef struct {
	Name    string
	Matcher *labels.Matcher // nil matches any value
}

// String prints the reference.
func (r LabelRef) String() string {
	if r.Matcher != nil {
		return matcherText(r.Matcher)
	}
	return r.Name
}

func refsString(refs []LabelRef) string {
	parts := make([]string, len(refs))
	for i, r := range refs {
		parts[i] = r.String()
	}
	return strings.Join(parts, ", ")
}

// String prints the stage.
func (s *Drop) String() string { return "| drop " + refsString(s.Labels) }

// String prints the stage.
func (s *Keep) String() string { return "| keep " + refsString(s.Labels) }

func (s *Drop) compile() (processor, error) { return s, nil }

func (s *Keep) compile() (processor, error) { return s, nil }

func (s *Drop) process(l *line) bool {
	for _, r := range s.Labels {
		if r.Matcher != nil {
			if v, ok := l.get(r.Name); !ok || !r.Matcher.Matches(v) {
				continue
			}
		}
		l.del(r.Name)
	}
	return true
}

func (s *Keep) process(l *line) bool {
	kept := l.labels[:0]
	for _, lb := range l.labels {
		had := len(kept)
		for _, r := range s.Labels {
			if r.Name == lb.name && (r.Matcher == nil || r.Matcher.Matches(lb.value)) {
				kept = append(kept, lb)
				break
			}
		}
		if len(kept) == had && lb.from == fromParser {
			l.gone = append(l.gone, lb.name)
		}
	}
	l.labels = kept
	return true
}
