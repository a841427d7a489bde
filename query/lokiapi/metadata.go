package lokiapi

import (
	"bufio"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// selector parses a parameter that may only be a selector; none is nil.
func selector(text string) ([]*labels.Matcher, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	e, err := logql.ParseSelector(text)
	if err != nil {
		return nil, err
	}
	return e.Matchers, nil
}

// selected returns the streams that the query parameter selects.
func (a *API) selected(r *http.Request, query string) ([]*model.Stream, error) {
	b, err := a.bounds(r)
	if err != nil {
		return nil, err
	}
	ms, err := selector(query)
	if err != nil {
		return nil, err
	}
	return a.src.Streams(r.Context(), storage.StreamsRequest{Signal: model.Logs, Range: b, Where: logql.SelectorPredicate(ms)})
}

// labels serves the names of stream labels.
func (a *API) labels(w http.ResponseWriter, r *http.Request) error {
	streams, err := a.selected(r, r.Form.Get("query"))
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, s := range streams {
		for _, at := range s.Attrs {
			names[at.Key] = true
		}
	}
	return writeList(w, names)
}

// labelValues serves the values of a stream label.
func (a *API) labelValues(w http.ResponseWriter, r *http.Request) error {
	streams, err := a.selected(r, r.Form.Get("query"))
	if err != nil {
		return err
	}
	name := chi.URLParam(r, "name")
	values := map[string]bool{}
	for _, s := range streams {
		if v := s.Attr(name); !v.IsNone() {
			values[v.Text()] = true
		}
	}
	return writeList(w, values)
}

// writeList answers with a sorted list; an empty one is left out, as clients
// expect.
func writeList(w http.ResponseWriter, set map[string]bool) error {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	e := &encoder{w: bufio.NewWriter(w)}
	e.raw(`{"status":"success"`)
	for i, s := range list {
		if i == 0 {
			e.raw(`,"data":[`)
		}
		e.comma(i)
		e.str(s)
	}
	if len(list) > 0 {
		e.raw("]")
	}
	e.raw("}\n")
	_ = e.w.Flush()
	return nil
}

// series serves the label sets of streams.
func (a *API) series(w http.ResponseWriter, r *http.Request) error {
	queries := slices.Concat(r.Form["match[]"], r.Form["match"])
	if len(queries) == 0 {
		queries = []string{r.Form.Get("query")}
	}
	seen := map[string]labels.Labels{}
	for _, q := range queries {
		streams, err := a.selected(r, q)
		if err != nil {
			return err
		}
		for _, s := range streams {
			ls := labelsOf(s)
			seen[string(ls.Bytes(nil))] = ls
		}
	}
	list := make([]labels.Labels, 0, len(seen))
	for _, ls := range seen {
		list = append(list, ls)
	}
	slices.SortFunc(list, labels.Compare)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	e := &encoder{w: bufio.NewWriter(w)}
	e.raw(`{"status":"success","data":[`)
	for i, ls := range list {
		e.comma(i)
		e.labels(ls)
	}
	e.raw("]}\n")
	_ = e.w.Flush()
	return nil
}

func labelsOf(s *model.Stream) labels.Labels {
	b := labels.NewScratchBuilder(len(s.Attrs))
	for _, at := range s.Attrs {
		b.Add(at.Key, at.Value.Text())
	}
	return b.Labels()
}
