package storage

import (
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
)

// A BodyParser finds the values of the fields that are parsed from bodies:
// those of the places JSON, JSONPath, Logfmt and LogfmtKey. The zero BodyParser is ready
// to use; it remembers names between bodies and is not safe for concurrent use.
type BodyParser struct {
	json  linefield.JSON
	want  func(label string) bool
	take  func(label, value string) bool
	key   string
	value string
	found bool
}

// Value returns the value of field in body, or the zero Value.
func (p *BodyParser) Value(body string, field Field) model.Value {
	switch field.Place {
	case JSONPath:
		return pathValue(body, field.Key)
	case LogfmtKey:
		value, ok := linefield.PickLogfmt(body, field.Key)
		if !ok {
			return model.Value{}
		}
		return model.String(value)
	}
	if p.take == nil {
		p.want = func(label string) bool { return label == p.key }
		p.take = func(_, value string) bool {
			p.value, p.found = value, true
			return false
		}
	}
	p.key, p.found = field.Key, false
	switch field.Place {
	case JSON:
		// With the empty key nothing is wanted, so that all of body is read.
		if err := p.json.Each(body, p.want, p.take); err != nil && field.Key == "" {
			return model.String(linefield.JSONError)
		}
	case Logfmt:
		if field.Key != "" {
			linefield.EachLogfmt(body, p.want, p.take)
		}
	}
	if !p.found {
		return model.Value{}
	}
	return model.String(p.value)
}

// EachKey calls found with the labels of body at a place, JSON or Logfmt. A
// label may come more than once.
func (p *BodyParser) EachKey(body string, place Place, found func(label string)) {
	take := func(label, _ string) bool {
		found(label)
		return true
	}
	switch place {
	case JSON:
		_ = p.json.Each(body, nil, take) // what was found before a fault counts
	case Logfmt:
		linefield.EachLogfmt(body, nil, take)
	}
}

func pathValue(body, key string) model.Value {
	if !linefield.Pickable(body) {
		if key == "" {
			return model.String(linefield.JSONError)
		}
		return model.Value{}
	}
	if key == "" {
		return model.Value{}
	}
	value, ok := "", false
	if strings.Contains(key, PathSeparator) {
		value, ok = linefield.Pick(body, strings.Split(key, PathSeparator)...)
	} else {
		value, ok = linefield.Pick(body, key)
	}
	if !ok {
		return model.Value{}
	}
	return model.String(value)
}
