package promapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/util/httputil"

	"github.com/oriel-obs/oriel/internal/auth"
)

// metadata answers with what came in by remote write and OTLP, and with what
// scraped targets say. Prometheus knows only the latter.
func (h *Handler) metadata(w http.ResponseWriter, r *http.Request) {
	httputil.SetCORS(w, h.origin, r)
	limit, err := atLeast(r.FormValue("limit"), "limit")
	if err != nil {
		respondError(w, err)
		return
	}
	perMetric, err := atLeast(r.FormValue("limit_per_metric"), "limit_per_metric")
	if err != nil {
		respondError(w, err)
		return
	}

	seen, err := h.seenFamilies(r.Context())
	if err != nil {
		respondError(w, err)
		return
	}
	all := map[string][]metadata.Metadata{}
	add := func(family string, m metadata.Metadata) {
		known := all[family]
		if !seen(family) || known == nil && limit >= 0 && len(all) >= limit || perMetric > 0 && len(known) >= perMetric || slices.Contains(known, m) {
			return
		}
		all[family] = append(known, m)
	}
	if name := r.FormValue("metric"); name != "" {
		if m, ok := h.o.Metadata.Get(name); ok {
			add(name, m)
		}
		h.ofTargets(func(t *scrape.Target) {
			if m, ok := t.GetMetadata(name); ok {
				add(m.MetricFamily, metadata.Metadata{Type: m.Type, Help: m.Help, Unit: m.Unit})
			}
		})
	} else {
		for family, m := range h.o.Metadata.All() {
			add(family, m)
		}
		h.ofTargets(func(t *scrape.Target) {
			for _, m := range t.ListMetadata() {
				add(m.MetricFamily, metadata.Metadata{Type: m.Type, Help: m.Help, Unit: m.Unit})
			}
		})
	}
	respond(w, all)
}

// suffixes are what the names of a family's series end in.
var suffixes = []string{"", "_bucket", "_count", "_sum", "_total", "_info", "_created"}

// seenFamilies returns which families have series that the one who asks may
// see: all, to those who see all.
func (h *Handler) seenFamilies(ctx context.Context) (func(family string) bool, error) {
	if _, restricted := auth.From(ctx).Sees(auth.Metrics); !restricted {
		return func(string) bool { return true }, nil
	}
	q, err := h.o.Local.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }() // of a reader: nothing is lost
	names, _, err := q.LabelValues(ctx, model.MetricNameLabel, nil)
	if err != nil {
		return nil, err
	}
	names = slices.Sorted(slices.Values(names))
	return func(family string) bool {
		return slices.ContainsFunc(suffixes, func(suffix string) bool {
			_, ok := slices.BinarySearch(names, family+suffix)
			return ok
		})
	}, nil
}

func (h *Handler) ofTargets(f func(*scrape.Target)) {
	for _, pool := range h.o.Targets.TargetsActive() {
		for _, t := range pool {
			f(t)
		}
	}
}

// atLeast reads a limit; -1 means that there is none.
func atLeast(s, name string) (int, error) {
	if s == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%s must be a number", name)
	}
	return n, nil
}

// statusConfig shows Oriel's configuration, of which Prometheus' is a part.
func (h *Handler) statusConfig(w http.ResponseWriter, r *http.Request) {
	httputil.SetCORS(w, h.origin, r)
	respond(w, map[string]string{"yaml": h.o.Config()})
}

// An envelope is the outer object of every answer.
type envelope struct {
	Status    string `json:"status"`
	Data      any    `json:"data,omitempty"`
	ErrorType string `json:"errorType,omitempty"`
	Error     string `json:"error,omitempty"`
}

// respond answers with data.
func respond(w http.ResponseWriter, data any) {
	write(w, http.StatusOK, envelope{Status: "success", Data: data})
}

// respondError answers a bad request.
func respondError(w http.ResponseWriter, err error) {
	write(w, http.StatusBadRequest, envelope{Status: "error", ErrorType: "bad_data", Error: err.Error()})
}

// write does not report a client that has left: it is no failure of ours.
func write(w http.ResponseWriter, status int, e envelope) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(e)
}
