package logql

import (
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/storage"
)

// A bodyParser is a parser stage in terms of fields that a store can find in
// bodies by itself.
type bodyParser struct {
	place storage.Place
	picks []picked // of JSONPath and LogfmtKey
}

// picked is the label that an expression gives its value.
type picked struct {
	label string
	field storage.Field
}

// newBodyParser returns s in terms of fields, or nil if there is no such form.
func newBodyParser(s Stage) *bodyParser {
	switch s := s.(type) {
	case *Logfmt:
		if s.Strict || s.KeepEmpty {
			return nil
		}
		if len(s.Extractions) == 0 {
			return &bodyParser{place: storage.Logfmt}
		}
		p := &bodyParser{place: storage.LogfmtKey}
		for _, e := range s.Extractions {
			p.picks = append(p.picks, picked{e.Label, storage.Field{Place: storage.LogfmtKey, Key: e.Expr}})
		}
		return p
	case *JSON:
		if len(s.Extractions) == 0 {
			return &bodyParser{place: storage.JSON}
		}
		p := &bodyParser{place: storage.JSONPath}
		for _, e := range s.Extractions {
			path, err := linefield.ParsePath(e.Expr)
			key := strings.Join(path, storage.PathSeparator)
			if err != nil || key == "" || strings.Count(key, storage.PathSeparator) != len(path)-1 {
				return nil
			}
			p.picks = append(p.picks, picked{e.Label, storage.Field{Place: storage.JSONPath, Key: key}})
		}
		return p
	}
	return nil
}

// fields returns those that the parser may give a label of that name its value
// from.
func (p *bodyParser) fields(label string) []storage.Field {
	if p.picks == nil {
		return []storage.Field{{Place: p.place, Key: label}}
	}
	var out []storage.Field
	for _, x := range p.picks {
		if x.label == label {
			out = append(out, x.field)
		}
	}
	return out
}

// refused returns the field that only lines have which the parser refuses; ok
// is false if it refuses none.
func (p *bodyParser) refused() (f storage.Field, ok bool) {
	return storage.Field{Place: p.place}, p.place == storage.JSON || p.place == storage.JSONPath
}
