package logql

import (
	"strconv"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// JSON is the stage `| json`: without extractions it makes labels of all
// members, otherwise of those named.
type JSON struct{ Extractions []Extraction }

// An Extraction stores in Label what the parser's expression Expr finds.
type Extraction struct{ Label, Expr string }

func extractionsString(es []Extraction) string {
	if len(es) == 0 {
		return ""
	}
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Label
		if e.Expr != e.Label {
			parts[i] += "=" + strconv.Quote(e.Expr)
		}
	}
	return " " + strings.Join(parts, ", ")
}

// String prints the stage.
func (s *JSON) String() string { return "| json" + extractionsString(s.Extractions) }

func (s *JSON) compile() (processor, error) {
	if len(s.Extractions) == 0 {
		return newJSONFlattener(), nil
	}
	p := &jsonPicker{}
	for _, e := range s.Extractions {
		path, err := linefield.ParsePath(e.Expr)
		if err != nil {
			return nil, err
		}
		p.labels = append(p.labels, e.Label)
		p.paths = append(p.paths, path)
	}
	return p, nil
}

// jsonFlattener makes a label of every member.
type jsonFlattener struct {
	parser linefield.JSON
	only   func(label string) bool        // nil: everything
	take   func(label, value string) bool // p.found, made once
	line   *line
}

func newJSONFlattener() *jsonFlattener {
	p := &jsonFlattener{}
	p.take = p.found
	return p
}

func (p *jsonFlattener) want(names wanted) {
	if names != nil {
		p.only = names.test()
	}
}

func (p *jsonFlattener) process(l *line) bool {
	p.line = l
	if err := p.parser.Each(l.text, p.only, p.take); err != nil {
		l.fail(linefield.JSONError, err.Error())
	}
	return true
}

func (p *jsonFlattener) found(label, value string) bool {
	p.line.extract(label, value)
	return true
}

// jsonPicker makes a label of each path; of one that is not there an empty
// label, unless the line has a label of that name.
type jsonPicker struct {
	labels []string
	paths  [][]string
}

func (p *jsonPicker) process(l *line) bool {
	if !linefield.Pickable(l.text) {
		l.fail(linefield.JSONError, "")
		return true
	}
	for i, path := range p.paths {
		value, ok := linefield.Pick(l.text, path...)
		l.pick(p.labels[i], value, ok)
	}
	return true
}
