package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
)

// check returns what is wrong with the names of attributes.
func (c *Fields) check() error {
	if len(c.Fields) == 0 {
		return errors.New("fields: name at least one")
	}
	if _, ok := c.Fields[""]; ok {
		return errors.New("fields: names must not be empty")
	}
	return nil
}

type jsonStage struct {
	from   string
	fields []jsonField
}

type jsonField struct {
	attr string
	path []string
}

func newJSON(c *Fields) (stage, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &jsonStage{from: c.From}
	for _, attr := range slices.Sorted(maps.Keys(c.Fields)) {
		path, err := linefield.ParsePath(c.Fields[attr])
		if err != nil {
			return nil, fmt.Errorf("fields.%s: %w", attr, err)
		}
		s.fields = append(s.fields, jsonField{attr, path})
	}
	return s, nil
}

func (s *jsonStage) apply(r *record) bool {
	text := r.source(s.from)
	if !linefield.Pickable(text) {
		return true
	}
	for _, f := range s.fields {
		if v, ok := linefield.Pick(text, f.path...); ok {
			r.set(f.attr, model.String(linefield.Valid(v)))
		}
	}
	return true
}

type logfmtStage struct {
	from   string
	fields map[string][]string // key to attributes
}

func newLogfmt(c *Fields) (stage, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &logfmtStage{from: c.From, fields: map[string][]string{}}
	for attr, key := range c.Fields {
		if key == "" {
			return nil, fmt.Errorf("fields.%s: the key must be set", attr)
		}
		s.fields[key] = append(s.fields[key], attr)
	}
	return s, nil
}

func (s *logfmtStage) apply(r *record) bool {
	scan := linefield.Logfmt{Text: r.source(s.from)}
	for scan.Next() {
		if scan.Err != nil || scan.Value == "" {
			continue
		}
		for _, attr := range s.fields[scan.Key] {
			r.set(attr, model.String(linefield.Valid(scan.Value)))
		}
	}
	return true
}

type regexpStage struct {
	from  string
	re    *regexp.Regexp
	attrs []string // by group; "" has no name
}

func newRegexp(c *Expression) (stage, error) {
	re, err := regexp.Compile(c.Expression)
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	names := re.SubexpNames()
	if !slices.ContainsFunc(names, func(n string) bool { return n != "" }) {
		return nil, errors.New("expression: needs a named group, as in (?P<user>\\w+)")
	}
	return &regexpStage{c.From, re, names}, nil
}

func (s *regexpStage) apply(r *record) bool {
	text := r.source(s.from)
	found := s.re.FindStringSubmatchIndex(text)
	for i, attr := range s.attrs {
		if attr != "" && found != nil && found[2*i] >= 0 {
			r.set(attr, model.String(text[found[2*i]:found[2*i+1]]))
		}
	}
	return true
}

type patternStage struct {
	from    string
	pattern linefield.Pattern
}

func newPattern(c *Expression) (stage, error) {
	p, err := linefield.ParsePattern(c.Expression)
	if err == nil {
		err = p.CheckNames()
	}
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	return &patternStage{c.From, p}, nil
}

func (s *patternStage) apply(r *record) bool {
	s.pattern.Each(r.source(s.from), func(name, value string) { r.set(name, model.String(value)) })
	return true
}
