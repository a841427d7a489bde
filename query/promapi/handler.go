package promapi

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	grafanaregexp "github.com/grafana/regexp" // the fork that NewAPI's signature asks for
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/util/httputil"
	"github.com/prometheus/prometheus/util/notifications"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/oriel-obs/oriel/query/promql"
)

// Limits of remote read, Prometheus' defaults.
const (
	readMaxSamples    = 50_000_000
	readMaxConcurrent = 10
	readFrameBytes    = 1 << 20
)

// Handler serves the API. It is safe for concurrent use.
type Handler struct {
	o       Options
	origin  *grafanaregexp.Regexp // Options.CORSOrigin
	started time.Time
	api     late // Prometheus' handlers, below apiPrefix
}

// late is a handler that is made when it is first needed.
type late func() *route.Router

// ServeHTTP implements http.Handler.
func (l late) ServeHTTP(w http.ResponseWriter, r *http.Request) { l().ServeHTTP(w, r) }

const apiPrefix = "/api/v1"

// New returns a Handler. It, or the first request, panics if o lacks something,
// which is a fault of the program.
func New(o Options) *Handler {
	h := &Handler{started: time.Now()}
	h.o = o.withDefaults(h.started)
	h.origin = grafanaregexp.MustCompile(h.o.CORSOrigin.String())
	h.api = sync.OnceValue(h.prometheus)
	return h
}

// Prepare makes what the first request would otherwise wait for. Prometheus' API
// writes its OpenAPI document twice when it is made, which takes as long as a good
// deal of a start.
func (h *Handler) Prepare() { h.api() }

// prometheus makes Prometheus' own handlers.
func (h *Handler) prometheus() *route.Router {
	o := h.o
	version := o.Version
	api := v1.NewAPI(
		o.Engine, o.Queryable,
		nil, nil, // appendables: the receivers are off
		o.Exemplars,
		func(context.Context) v1.ScrapePoolsRetriever { return o.Targets },
		func(context.Context) v1.TargetRetriever { return o.Targets },
		func(context.Context) v1.AlertmanagerRetriever { return o.Alertmanagers },
		h.config, o.Flags, o.Reached,
		h.whenReady,
		o.Admin, o.DataDir, o.AdminEnabled,
		false, 0, // search
		o.Log,
		o.Rules,
		readMaxSamples, readMaxConcurrent, readFrameBytes,
		false, // agent
		h.origin, h.runtimeInfo, &version,
		func() []notifications.Notification { return []notifications.Notification{} },
		func() (<-chan notifications.Notification, func(), bool) { return nil, nil, false },
		o.Gatherer, o.Registerer,
		nil,        // statistics as Prometheus renders them
		false, nil, // remote write
		false, false, false, // OTLP
		false, // zero samples for start timestamps
		promql.LookbackDelta,
		false, false, // labels for type and unit, metadata in the WAL
		nil, // status codes as in Prometheus
		o.Features,
		v1.OpenAPIOptions{Version: version.Version, ExternalURL: o.Reached.Scheme + "://" + o.Reached.Host},
		o.Parser,
	)
	routes := route.New()
	api.Register(routes.WithPrefix(apiPrefix))
	registerFeatures(o.Features, o.Parser, o.AdminEnabled)
	return routes
}

// asked are the endpoints that people wait for. They go the same way as all
// others; a route of their own is what requests are counted and timed by.
var asked = []string{
	"/query", "/query_exemplars", "/series", "/labels", "/label/{name}/values",
	"/alerts", "/targets", "/status/tsdb", "/format_query", "/parse_query", "/read",
}

// Mount adds the routes to r, at the root and below /prometheus. It takes
// every path below /api/v1 that has no route of its own.
func (h *Handler) Mount(r chi.Router) {
	for _, prefix := range []string{"", "/prometheus"} {
		p := prefix + apiPrefix
		for _, route := range asked {
			r.Handle(p+route, http.StripPrefix(prefix, h.byResolution(h.api)))
		}
		r.Handle(p+"/query_range", http.StripPrefix(prefix, h.byResolution(http.HandlerFunc(h.queryRange))))
		r.Handle(p+"/rules", http.StripPrefix(prefix, h.byResolution(http.HandlerFunc(h.rules))))
		r.Method(http.MethodGet, p+"/metadata", h.whenReady(compressed(h.metadata)))
		r.Method(http.MethodGet, p+"/status/config", h.whenReady(compressed(h.statusConfig)))
		r.Method(http.MethodGet, prefix+"/federate", h.whenReady(compressed(h.federate)))
		r.Method(http.MethodGet, prefix+"/version", http.HandlerFunc(h.version))
		r.Handle(p+"/*", http.StripPrefix(prefix, h.api))
	}
}

// queryRange has the query computed anew if the request wants that, or wants
// to know what it cost. Every answer says in a header what it took.
func (h *Handler) queryRange(w http.ResponseWriter, r *http.Request) {
	control := r.Header.Get("Cache-Control")
	if r.FormValue("nocache") == "1" || r.FormValue("stats") != "" || strings.Contains(control, "no-store") || strings.Contains(control, "no-cache") {
		r = r.WithContext(promql.WithoutCache(r.Context()))
	}
	ctx, cost := promql.WithCost(r.Context())
	h.api.ServeHTTP(&costWriter{ResponseWriter: w, cost: cost}, r.WithContext(ctx))
}

// version is older than the API and has no envelope.
func (h *Handler) version(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(h.o.Version) // fails only if the client has left
}

func compressed(f http.HandlerFunc) http.HandlerFunc {
	return httputil.CompressionHandler{Handler: f}.ServeHTTP
}

func (h *Handler) whenReady(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !h.o.Ready() {
			w.Header().Set("X-Prometheus-Stopping", "false")
			http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
			return
		}
		f(w, r)
	}
}

// config is the part of Prometheus' configuration that its handlers ask for.
func (h *Handler) config() config.Config {
	c := config.DefaultConfig
	c.GlobalConfig.ExternalLabels = h.o.External()
	return c
}

func (h *Handler) runtimeInfo() (v1.RuntimeInfo, error) {
	reloaded, ok := h.o.Reloaded()
	info := v1.RuntimeInfo{
		StartTime:           h.started.UTC(),
		ServerTime:          time.Now().UTC(),
		ReloadConfigSuccess: ok,
		LastConfigTime:      reloaded.UTC(),
		GoroutineCount:      runtime.NumGoroutine(),
		GOMAXPROCS:          runtime.GOMAXPROCS(0),
		GOMEMLIMIT:          debug.SetMemoryLimit(-1),
		GOGC:                os.Getenv("GOGC"),
		GODEBUG:             os.Getenv("GODEBUG"),
		StorageRetention:    h.o.Retention,
	}
	var err error
	if info.CWD, err = os.Getwd(); err != nil {
		info.CWD = "<error retrieving current working directory>"
	}
	if info.Hostname, err = os.Hostname(); err != nil {
		info.Hostname = "<error retrieving hostname>"
	}
	families, err := h.o.Gatherer.Gather()
	if err != nil {
		return info, err
	}
	for _, f := range families {
		if f.GetName() == "prometheus_tsdb_wal_corruptions_total" && len(f.GetMetric()) > 0 {
			info.CorruptionCount = int64(f.GetMetric()[0].GetCounter().GetValue())
		}
	}
	return info, nil
}
