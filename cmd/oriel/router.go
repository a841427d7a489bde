package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/version"
	v1 "github.com/prometheus/prometheus/web/api/v1"
	"go.opentelemetry.io/otel/trace"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"

	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/evidence"
	"github.com/oriel-obs/oriel/alerting/ruleapi"
	"github.com/oriel-obs/oriel/alerting/slo"
	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/ingest/datadog"
	"github.com/oriel-obs/oriel/ingest/elastic"
	"github.com/oriel-obs/oriel/ingest/journald"
	"github.com/oriel-obs/oriel/ingest/jsonlines"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/lokipush"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/ingest/promwrite"
	"github.com/oriel-obs/oriel/ingest/splunkhec"
	"github.com/oriel-obs/oriel/ingest/zipkin"
	"github.com/oriel-obs/oriel/internal/apidoc"
	"github.com/oriel-obs/oriel/internal/auth/authapi"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/dashapi"
	"github.com/oriel-obs/oriel/query/inflight"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/query/promapi"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/uiapi"
	"github.com/oriel-obs/oriel/ui"
)

// The releases whose APIs are served: clients choose their features by them.
const (
	prometheusVersion = "3.14.0"
	lokiVersion       = "3.5.0"
)

// router is the whole URL space of the main port.
func (a *app) router(tracing trace.TracerProvider) (http.Handler, error) {
	external, err := a.externalURL()
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimSuffix(external.Path, "/")
	page, err := ui.New(ui.Options{Prefix: prefix, Version: productVersion(), BootOf: a.boot})
	if err != nil {
		return nil, fmt.Errorf("set up the page: %w", err)
	}
	alerts, err := alertapi.New(alertapi.Options{Source: a.notify, Received: a.history.Received, Registerer: a.reg, Log: a.log})
	if err != nil {
		return nil, err
	}

	r := chi.NewRouter()
	r.Use(
		httpx.Recover(a.log),
		httpx.Observe(a.log.With("component", "http"), a.reg, tracing.Tracer("github.com/oriel-obs/oriel/internal/httpx")),
		httpx.SafeHeaders, httpx.Patience(bodyPatience, endlessBody), a.crossOrigin,
		middleware.GetHead,
		prometheusLinks(page),
		a.guard.Middleware,
		a.ownPages(external), a.recorded,
		a.wholeOnly, scope.Alerts, a.ifMemory, a.quota.Middleware, a.withinCost,
	)

	// In.
	promwrite.New(promwrite.Options{
		Store: a.taken, Gate: a.samples, Refs: a.metrics.Refs, Families: a.metrics.Families, Limits: a.cfg.Limits, Account: a.account,
	}).Mount(r)
	lokipush.New(lokipush.Options{Events: a.intake, Limits: a.cfg.Limits, Account: a.account, Config: a.cfg.Ingest.Loki}).Mount(r)
	a.otlp.Mount(r)
	a.mountRecords(r)
	a.mountSpans(r)
	a.mountSenders(r)

	// Out.
	gate := httpx.Gate(a.cfg.Query.MaxConcurrent) // PromQL has a queue of its own
	tempo := tempoapi.New(a.traceql, a.cfg.Tempo)
	jaeger := a.archived(jaegerapi.New(a.traceql, measurer{a.promql, a.series}, otlp.DecodeSpans))
	r.Group(func(r chi.Router) {
		r.Use(gate)
		mountGRPC(r, recoverCalls(a.log), map[string]func(*grpc.Server){
			tempoapi.StreamingService: tempo.RegisterGRPC,
			jaegerapi.QueryService:    jaeger.RegisterGRPC, jaegerapi.QueryServiceV2: jaeger.RegisterGRPCV2,
		})
	})
	document, err := apidoc.Merge(uiapi.Document, dashapi.Document, slo.Document, alertapi.Document, ruleapi.Document, evidence.Document, authapi.Document, inflight.Document, audit.Document, ownDocument)
	if err != nil {
		return nil, fmt.Errorf("put the OpenAPI document together: %w", err)
	}
	desk := a.desk(external)
	queries := inflight.New(inflight.Options{})
	own := uiapi.New(uiapi.Options{
		Document: document,
		Version:  productVersion(), StartedAt: time.Now(), Sections: a.statusSections(), Empty: a.emptiness(), Deletes: a.deleter(), Cardinality: a.metrics,
		Logs:     uiapi.LogSources{Paged: a.budgeted(), Whole: a.rows, Limits: a.cfg.Query},
		Services: services.New(services.Options{PromQL: a.promql, Metrics: a.series, Events: a.budgeted(), Traces: a.traceql}),
		Traces:   a.traceql,
	})
	r.Group(func(r chi.Router) {
		r.Use(httpx.Compress())
		r.Use(queries.Middleware)
		a.prometheus = promapi.New(a.promAPI(external))
		a.prometheus.Mount(r)
		r.Group(func(r chi.Router) {
			r.Use(gate)
			lokiapi.New(lokiapi.Options{Source: a.budgeted(), Limits: a.cfg.Query, Feed: a.feed, Deletes: a.deleter(), Build: lokiapi.Build{
				Version: lokiVersion, Revision: version.Revision, Branch: version.Branch,
				BuildUser: version.BuildUser, BuildDate: version.BuildDate, GoVersion: version.GoVersion,
			}}).Mount(r)
			tempo.Mount(r)
			jaeger.Mount(r)
			own.MountQueries(r)
			desk.MountQueries(r)
			a.evidence.MountQueries(r, a.seenAlert)
		})
		r.Route("/alertmanager", alerts.Mount)
		ruleapi.New(ruleapi.Options{Dir: a.homes().Rules, Editable: a.cfg.Web.AdminAPI, Parser: a.promql.Parser, Reload: a.reload.rules, Log: a.log}).Mount(r)
		own.Mount(r)
		a.mountTenants(r)
		a.mountIngest(r)
		a.mountRetention(r)
		a.mountSupport(r)
		a.evidence.Mount(r)
		queries.Mount(r)
		a.auditHandler().Mount(r)
		desk.Mount(r)
		a.dashboards().Mount(r)
		a.authAPI.Mount(r)
		a.objectives.Mount(r)
	})

	// Operations.
	r.Get("/-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Oriel is healthy.") })
	r.Get("/-/ready", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Oriel is ready.") })
	r.Method(http.MethodPost, "/-/reload", a.reload)
	r.Method(http.MethodPut, "/-/reload", a.reload)
	for _, path := range []string{"/-/reload", "/-/quit"} {
		r.Get(path, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Only POST or PUT requests allowed", http.StatusMethodNotAllowed)
		})
	}
	quit := func(w http.ResponseWriter, _ *http.Request) { // a signal does that
		http.Error(w, "Lifecycle API is not enabled.", http.StatusForbidden)
	}
	r.Post("/-/quit", quit)
	r.Put("/-/quit", quit)
	a.mountAbout(r)
	r.Method(http.MethodGet, "/metrics", promhttp.HandlerFor(a.reg, promhttp.HandlerOpts{Registry: a.reg, EnableOpenMetrics: true}))
	r.Route("/debug/pprof", func(r chi.Router) {
		r.Use(a.localOnly)
		r.HandleFunc("/", pprof.Index)
		r.HandleFunc("/cmdline", pprof.Cmdline)
		r.HandleFunc("/profile", pprof.Profile)
		r.HandleFunc("/symbol", pprof.Symbol)
		r.HandleFunc("/trace", pprof.Trace)
		r.HandleFunc("/{name}", pprof.Index)
	})

	r.NotFound(page.ServeHTTP)
	a.routes = r
	return underPrefix(prefix, r), nil
}

// mountGRPC serves gRPC services on an HTTP port.
func mountGRPC(r chi.Router, o []grpc.ServerOption, services map[string]func(*grpc.Server)) {
	srv := grpc.NewServer(append(o, grpc.ForceServerCodecV2(rawgrpc.Codec{}))...)
	for name, register := range services {
		register(srv)
		r.Handle("/"+name+"/*", srv)
	}
}

// mountRecords adds the protocols that bring loosely shaped log records.
func (a *app) mountRecords(r chi.Router) {
	o := a.records()
	bulk := elastic.New(o, a.cfg.Ingest.Elastic)
	r.Route("/elastic", bulk.Mount)
	r.Route("/elasticsearch", bulk.Mount)
	jsonlines.New(o).Mount(r)
	splunkhec.New(o).Mount(r)
	logs := datadog.New(o)
	logs.Mount(r)
	r.Route("/datadog", logs.Mount)
	journald.New(o, a.stopping).Mount(r)
}

// mountSpans adds the protocols that bring spans, besides OTLP.
func (a *app) mountSpans(r chi.Router) {
	a.jaeger.Mount(r)
	zipkin.New(a.spans()).Mount(r)
	datadog.NewTraces(a.spans()).Mount(r)
}

// spans is what those protocols share.
func (a *app) spans() otelmodel.Options {
	return otelmodel.Options{Events: a.intake, Limits: a.cfg.Limits, Account: a.account}
}

// records is what those protocols share.
func (a *app) records() logrecord.Options {
	return logrecord.Options{Events: a.intake, Limits: a.cfg.Limits, Account: a.account, Config: a.cfg.Ingest.Records}
}

// otlpRouter is the URL space of the OTLP/HTTP port.
func (a *app) otlpRouter() http.Handler {
	r := chi.NewRouter()
	r.Use(httpx.Recover(a.log), httpx.SafeHeaders, httpx.Patience(bodyPatience, endlessBody), a.crossOrigin, a.guard.Middleware, a.ifMemory, a.quota.Middleware)
	a.otlp.Mount(r)
	return r
}

// underPrefix serves h at the root and, for proxies that pass the path on as
// it came, below prefix too.
func underPrefix(prefix string, h http.Handler) http.Handler {
	if prefix == "" {
		return h
	}
	stripped := http.StripPrefix(prefix, h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == prefix || strings.HasPrefix(r.URL.Path, prefix+"/") {
			stripped.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (a *app) promAPI(external *url.URL) promapi.Options {
	return promapi.Options{
		Engine: a.promql, Parser: a.promql.Parser, Queryable: a.reads, Local: a.series, Exemplars: scope.Exemplars(a.metrics), Metadata: a.metrics.Families,
		Features: a.able, Admin: manager{a.metrics}, AdminEnabled: a.cfg.Web.AdminAPI, DataDir: a.cfg.Storage.Metric.Dir,
		Rules: func(ctx context.Context) v1.RulesRetriever { return a.rules.Seen(ctx) }, Signal: a.rules.Signal, Targets: a.scrape, Alertmanagers: a.forward, External: a.reload.externalLabels,
		Reached:    v1.GlobalURLOptions{ListenAddress: a.main.Addr().String(), Host: external.Host, Scheme: external.Scheme},
		CORSOrigin: noOrigin, // crossOrigin is about all of the port
		Config:     a.reload.text, Reloaded: a.reload.status, Flags: a.flags.byName(),
		Version: v1.PrometheusVersion{
			Version: prometheusVersion, Revision: version.Revision, Branch: version.Branch,
			BuildUser: version.BuildUser, BuildDate: version.BuildDate, GoVersion: version.GoVersion,
		},
		Retention: a.cfg.Storage.Metric.Retention.String(),
		Gatherer:  a.reg, Registerer: a.reg, Log: a.log.With("component", "promapi"),
	}
}

// byName lists the command line for /api/v1/status/flags.
func (f *serveFlags) byName() map[string]string {
	return map[string]string{
		"config": f.Config, "prometheus-config": f.Prometheus, "data-dir": f.DataDir, "listen": f.Listen, "otlp-grpc-listen": f.OTLPGRPCListen,
		"otlp-http-listen": f.OTLPHTTPListen, "syslog-listen": f.SyslogListen, "compat": fmt.Sprint(f.Compat), "log-level": f.LogLevel,
	}
}

// maxSenders is how many of those that sent last the status names.
const maxSenders = 50

// statusSections are what the status page shows of each part.
func (a *app) statusSections() map[string]func() any {
	return map[string]func() any{
		"ingest": func() any {
			return map[string]any{"accepted": a.account.Accepted(), "rejections": a.account.Rejections(), "senders": a.account.Senders(maxSenders)}
		},
		"storage": func() any {
			blocks, head := a.metrics.DiskBytes()
			oldest, err := a.metrics.OldestTime()
			if err != nil || oldest > time.Now().UnixMilli() { // there is none
				oldest = 0
			}
			out := map[string]any{"event": a.events.Status(context.Background()), "metric": map[string]any{
				"series": a.metrics.NumSeries(), "block_bytes": blocks, "head_disk_bytes": head, "oldest": time.UnixMilli(oldest).UTC(), "downsampled": a.metrics.Downsampled(),
			}, "retention": a.retentionTexts()}
			if free, err := (vfs.Disk{}).Free(a.flags.DataDir); err == nil { // not known on every system
				out["free_bytes"] = free
			}
			return out
		},
		"replay":  func() any { return a.replays.status() },
		"limits":  func() any { return a.limitsInForce() },
		"exposed": func() any { return a.exposed() },
	}
}

// limitsInForce are the limits of what is sent, as oriel.yaml names them and
// with their defaults.
func (a *app) limitsInForce() map[string]any {
	named := map[string]any{}
	var limits yaml.Node
	err := limits.Encode(a.cfg.Limits)
	if err == nil {
		spellDurations(&limits, reflect.TypeOf(a.cfg.Limits))
		err = limits.Decode(&named)
	}
	if err != nil {
		named["error"] = err.Error()
	}
	return named
}

// deleter deletes logs and spans, or is nil if that is not enabled.
func (a *app) deleter() query.Deleter {
	if !a.cfg.Web.AdminAPI {
		return nil
	}
	return scope.Deleter(a.events)
}

// boot is what the page knows before its first request.
func (a *app) boot(r *http.Request) any {
	who, known := a.bootAuth(r)
	if !known {
		return map[string]any{"auth": who}
	}
	return map[string]any{
		"auth":    who,
		"exposed": a.exposed(),
		"reach":   a.reach(),
	}
}
