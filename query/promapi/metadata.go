package promapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/util/httputil"
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

	all := map[string][]metadata.Metadata{}
	add := func(family string, m metadata.Metadata) {
		known := all[family]
		if known == nil && limit >= 0 && len(all) >= limit || perMetric > 0 && len(known) >= perMetric || slices.Contains(known, m) {
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
