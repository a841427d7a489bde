package logql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// LabelFormat is the stage `| label_format a=b, c="{{.d}}"`.
type LabelFormat struct{ Assignments []Assignment }

// An Assignment renames the label Value to Label, or sets Label to what the
// template Value gives.
type Assignment struct {
	Label  string
	Rename bool
	Value  string
}

// String prints the stage.
func (s *LabelFormat) String() string {
	parts := make([]string, len(s.Assignments))
	for i, a := range s.Assignments {
		parts[i] = a.Label + "=" + a.Value
		if !a.Rename {
			parts[i] = a.Label + "=" + strconv.Quote(a.Value)
		}
	}
	return "| label_format " + strings.Join(parts, ",")
}

type labelFormatter struct {
	assignments []Assignment
	templates   []*lineTemplate // nil where a label is renamed
}

func (s *LabelFormat) compile() (processor, error) {
	f := &labelFormatter{assignments: s.Assignments, templates: make([]*lineTemplate, len(s.Assignments))}
	seen := map[string]bool{}
	for i, a := range s.Assignments {
		if a.Label == errorLabel {
			return nil, errors.New("__error__ cannot be formatted")
		}
		if seen[a.Label] {
			return nil, fmt.Errorf("multiple label name '%s' not allowed in a single format operation", a.Label)
		}
		seen[a.Label] = true
		if a.Rename {
			continue
		}
		t, err := newLineTemplate("label", a.Value)
		if err != nil {
			return nil, fmt.Errorf("invalid template for label '%s': %w", a.Label, err)
		}
		f.templates[i] = t
	}
	return f, nil
}

// process works from left to right: templates see labels renamed before them,
// but not those set by other templates of the stage.
func (f *labelFormatter) process(l *line) bool {
	var data map[string]string
	for i, a := range f.assignments {
		if a.Rename {
			at := l.index(a.Value)
			if at < 0 {
				continue
			}
			src := l.labels[at]
			l.set(a.Label, src.value, src.from)
			if a.Label != a.Value {
				l.del(a.Value)
			}
			if data != nil {
				delete(data, a.Value)
				data[a.Label] = src.value
			}
			continue
		}
		if data == nil {
			data = f.templates[i].data(l)
		}
		v, err := f.templates[i].execute(l, data)
		if err != nil {
			l.fail(errTemplate, err.Error())
			continue
		}
		l.set(a.Label, v, fromParser)
	}
	return true
}
