package jaegerapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

// A dependency says how often one service called another.
type dependency struct {
	Parent    string `json:"parent"`
	Child     string `json:"child"`
	CallCount int64  `json:"callCount"`
}

const defaultDependencyLookback = 24 * time.Hour

// dependencies counts the calls between services in the traces of a range:
// every span whose parent belongs to another service is one.
func (h *Handler) dependencies(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	end, err := millis(v, "endTs", h.now().UnixMilli())
	if err != nil {
		return err
	}
	lookback, err := millis(v, "lookback", defaultDependencyLookback.Milliseconds())
	if err != nil {
		return err
	}
	all, err := h.calls(r.Context(), model.RangeOf(time.UnixMilli(end-lookback), time.UnixMilli(end+1)))
	if err != nil {
		return err
	}
	out := []dependency{}
	for _, d := range all {
		if only := v.Get("service"); only == "" || only == d.Parent || only == d.Child {
			out = append(out, d)
		}
	}
	return httpx.WriteJSON(w, envelope{Data: out})
}

// dependenciesV3 is the same in version 3.
func (h *Handler) dependenciesV3(w http.ResponseWriter, r *http.Request) error {
	span, err := rangeV3(r.URL.Query())
	if err != nil {
		return err
	}
	all, err := h.calls(r.Context(), span)
	if err != nil {
		return err
	}
	type dependencyV3 struct {
		Parent    string `json:"parent"`
		Child     string `json:"child"`
		CallCount int64  `json:"callCount,string"`
	}
	out := []dependencyV3{}
	for _, d := range all {
		out = append(out, dependencyV3(d))
	}
	return httpx.WriteJSON(w, map[string]any{"dependencies": out})
}

// calls counts the calls between services in the traces that have a span in r,
// by parent and child.
func (h *Handler) calls(ctx context.Context, r model.Range) ([]dependency, error) {
	type edge struct{ parent, child string }
	calls := map[edge]int64{}
	find := traceql.Find{Range: r, Within: true, Project: &storage.Projection{Tree: true}}
	for t, err := range h.engine.Find(ctx, find) {
		if err != nil {
			return nil, err
		}
		for _, s := range t.Spans {
			p := s.Parent()
			if p == nil {
				continue
			}
			if e := (edge{serviceOf(p.Stream), serviceOf(s.Stream)}); e.parent != e.child {
				calls[e]++
			}
		}
	}
	out := []dependency{}
	for e, n := range calls {
		out = append(out, dependency{e.parent, e.child, n})
	}
	slices.SortFunc(out, func(a, b dependency) int {
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Child, b.Child))
	})
	return out, nil
}

func millis(v url.Values, key string, def int64) (int64, error) {
	s := v.Get(key)
	if s == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, invalidf("unable to parse param '%s': %v", key, err)
	}
	return n, nil
}
