package logql

import (
	"fmt"
	"strconv"
)

// LineFormat is the stage `| line_format "{{.label}}"`: it rewrites the text.
type LineFormat struct{ Template string }

// String prints the stage.
func (s *LineFormat) String() string { return "| line_format " + strconv.Quote(s.Template) }

type lineFormatter struct{ tmpl *lineTemplate }

func (s *LineFormat) compile() (processor, error) {
	t, err := newLineTemplate("line", s.Template)
	if err != nil {
		return nil, fmt.Errorf("invalid line template: %w", err)
	}
	return &lineFormatter{tmpl: t}, nil
}

func (f *lineFormatter) process(l *line) bool {
	text, err := f.tmpl.execute(l, f.tmpl.data(l))
	if err != nil {
		l.fail(errTemplate, err.Error())
		return true
	}
	l.text = text
	return true
}
