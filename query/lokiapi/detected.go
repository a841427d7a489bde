package lokiapi

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/logql"
)

const (
	defaultLineLimit  = 100
	defaultFieldLimit = 1000
)

// detectedLabels serves the stream labels with the number of their values.
func (a *API) detectedLabels(w http.ResponseWriter, r *http.Request) error {
	streams, err := a.selected(r, r.Form.Get("query"))
	if err != nil {
		return err
	}
	values := map[string]map[string]bool{}
	for _, s := range streams {
		for _, at := range s.Attrs {
			if values[at.Key] == nil {
				values[at.Key] = map[string]bool{}
			}
			values[at.Key][at.Value.Text()] = true
		}
	}
	type detected struct {
		Label       string `json:"label"`
		Cardinality int    `json:"cardinality"`
	}
	out := make([]detected, 0, len(values))
	for name, vs := range values {
		out = append(out, detected{name, len(vs)})
	}
	slices.SortFunc(out, func(x, y detected) int { return cmp.Compare(x.Label, y.Label) })
	return httpx.WriteJSON(w, map[string]any{"detectedLabels": out})
}

// A detectedField is what is known of a field from the lines looked at.
type detectedField struct {
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	Cardinality int      `json:"cardinality"`
	Parsers     []string `json:"parsers"` // empty: structured metadata
	JSONPath    []string `json:"jsonPath,omitempty"`

	values map[string]bool
}

func (f *detectedField) see(value, parser string) {
	if len(f.values) == 0 {
		f.Type = logql.DetectType(value)
	} else if f.Type != "string" && !f.values[value] {
		f.Type = commonType(f.Type, logql.DetectType(value))
	}
	f.values[value] = true
	if parser != "" && !slices.Contains(f.Parsers, parser) {
		f.Parsers = append(f.Parsers, parser)
	}
}

// commonType is the narrowest type that both values have.
func commonType(a, b string) string {
	switch {
	case a == b:
		return a
	case a == "int" && b == "float", a == "float" && b == "int":
		return "float"
	}
	return "string"
}

// detectedFields serves the fields of the newest lines of a query.
func (a *API) detectedFields(w http.ResponseWriter, r *http.Request) error {
	fields, limit, err := a.detect(r)
	if err != nil {
		return err
	}
	list := make([]*detectedField, 0, len(fields))
	for _, f := range fields {
		f.Cardinality = len(f.values)
		list = append(list, f)
	}
	slices.SortFunc(list, func(x, y *detectedField) int { return cmp.Compare(x.Label, y.Label) })
	return httpx.WriteJSON(w, map[string]any{"fields": list[:min(limit, len(list))], "limit": limit})
}

// detectedValues serves the values of one field of those lines.
func (a *API) detectedValues(w http.ResponseWriter, r *http.Request) error {
	fields, limit, err := a.detect(r)
	if err != nil {
		return err
	}
	values := []string{}
	if f := fields[chi.URLParam(r, "name")]; f != nil {
		for v := range f.values {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return httpx.WriteJSON(w, map[string]any{"values": values[:min(limit, len(values))], "limit": limit})
}

func (a *API) detect(r *http.Request) (map[string]*detectedField, int, error) {
	limitName := "limit"
	if r.Form.Get(limitName) == "" {
		limitName = "field_limit"
	}
	limit, err := positive(r, limitName, defaultFieldLimit)
	if err != nil {
		return nil, 0, err
	}
	lines, err := positive(r, "line_limit", defaultLineLimit)
	if err != nil {
		return nil, 0, err
	}
	b, err := a.bounds(r)
	if err != nil {
		return nil, 0, err
	}
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return nil, 0, err
	}
	res, err := a.engine.Range(r.Context(), expr, logql.Params{Start: b.Start, End: b.End, Limit: lines})
	if err != nil {
		return nil, 0, err
	}
	return fieldsOf(res.Streams), limit, nil
}

func fieldsOf(streams []logql.Stream) map[string]*detectedField {
	fields := map[string]*detectedField{}
	field := func(label string) *detectedField {
		f := fields[label]
		if f == nil {
			f = &detectedField{Label: label, Parsers: []string{}, values: map[string]bool{}}
			fields[label] = f
		}
		return f
	}
	for _, s := range streams {
		for _, en := range s.Entries {
			for name, value := range en.Metadata.Map() {
				field(name).see(value, "")
			}
			own := logql.Line{Labels: s.Labels, Entry: en}.Stream()
			parser, found := logql.DetectFields(en.Line)
			for _, x := range found {
				if own.Has(x.Label) || en.Metadata.Has(x.Label) {
					x.Label += "_extracted"
				}
				f := field(x.Label)
				f.see(x.Value, parser)
				if x.Path != nil {
					f.JSONPath = x.Path
				}
			}
		}
	}
	return fields
}
