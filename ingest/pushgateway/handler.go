package pushgateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// Mount adds the Pushgateway's routes to r.
func (g *Gateway) Mount(r chi.Router) {
	push := func(replace bool) http.Handler {
		return httpx.Handler(func(w http.ResponseWriter, r *http.Request) error { return g.servePush(w, r, replace) }, httpx.PlainError)
	}
	r.Method(http.MethodPut, "/metrics/*", push(true))
	r.Method(http.MethodPost, "/metrics/*", push(false))
	r.Method(http.MethodDelete, "/metrics/*", httpx.Handler(g.serveDelete, httpx.PlainError))
	r.Method(http.MethodGet, "/metrics", httpx.Handler(g.serveMetrics, httpx.PlainError))
	r.Get("/api/v1/metrics", g.serveGroups)
	if g.admin {
		r.Method(http.MethodPut, "/api/v1/admin/wipe", httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
			if err := g.wipe(r.Context(), time.Now()); err != nil {
				return err
			}
			w.WriteHeader(http.StatusAccepted)
			return nil
		}, httpx.PlainError))
	}
	for _, path := range []string{"/-/ready", "/-/healthy"} {
		r.Get(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "OK") })
	}
}

// groupOf returns the labels of the group that r's path names.
func groupOf(r *http.Request) (labels.Labels, error) {
	_, rest, _ := strings.Cut(r.URL.EscapedPath(), "/metrics/")
	return parsePath(rest)
}

func (g *Gateway) servePush(w http.ResponseWriter, r *http.Request, replace bool) error {
	ls, err := groupOf(r)
	if err != nil {
		return g.sink.Refuse(r.Context(), err)
	}
	body, err := g.sink.ReadBody(r)
	if err != nil {
		return err
	}
	families, err := decode(r.Header, body)
	if err != nil {
		return g.fail(r.Context(), ls, time.Now(), err)
	}
	if err := g.push(r.Context(), ls, families, replace, len(body), time.Now()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (g *Gateway) serveDelete(w http.ResponseWriter, r *http.Request) error {
	ls, err := groupOf(r)
	if err != nil {
		return g.sink.Refuse(r.Context(), err)
	}
	if err := g.remove(r.Context(), ls, time.Now()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// snapshot returns the groups in the order of their labels.
func (g *Gateway) snapshot() []*group {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.SortedFunc(maps.Values(g.groups), func(x, y *group) int { return labels.Compare(x.labels, y.labels) })
}

// serveMetrics writes what was pushed, for those who scrape it from here.
func (g *Gateway) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	all := map[string]*dto.MetricFamily{}
	for _, x := range g.snapshot() {
		for name, f := range x.families {
			mf := all[name]
			if mf == nil {
				mf = &dto.MetricFamily{Name: proto.String(name), Help: f.mf.Help, Type: f.mf.Type, Unit: f.mf.Unit}
				all[name] = mf
			}
			mf.Metric = append(mf.Metric, f.mf.GetMetric()...)
		}
	}
	format := expfmt.Negotiate(r.Header)
	w.Header().Set("Content-Type", string(format))
	enc := expfmt.NewEncoder(w, format)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := enc.Encode(all[name]); err != nil {
			return nil // the client left: what was written cannot be taken back
		}
	}
	return nil
}

// serveGroups is the Pushgateway's own API.
func (g *Gateway) serveGroups(w http.ResponseWriter, _ *http.Request) {
	data := []map[string]any{}
	groups := g.snapshot()
	g.mu.Lock() // rows change with every append
	for _, x := range groups {
		one := map[string]any{"labels": x.labels.Map(), "last_push_successful": x.pushed >= x.failed}
		for name, f := range x.families {
			one[name] = shownFamily(f)
		}
		data = append(data, one)
	}
	g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

func shownFamily(f *family) map[string]any {
	metrics := []map[string]any{}
	for _, r := range f.rows {
		value := strconv.FormatFloat(r.v, 'g', -1, 64)
		switch {
		case r.h != nil:
			value = r.h.String()
		case r.fh != nil:
			value = r.fh.String()
		}
		ls := r.Labels.Map()
		name := ls[model.MetricNameLabel]
		delete(ls, model.MetricNameLabel)
		one := map[string]any{"labels": ls, "value": value}
		if name != f.mf.GetName() {
			one["name"] = name
		}
		metrics = append(metrics, one)
	}
	return map[string]any{
		"time_stamp": time.UnixMilli(f.pushed).UTC(), "type": f.mf.GetType().String(), "help": f.mf.GetHelp(), "metrics": metrics,
	}
}
