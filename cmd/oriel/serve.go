package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/self"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/internal/pressure"
	"github.com/oriel-obs/oriel/internal/servertls"
	"github.com/oriel-obs/oriel/internal/support"
)

// serveCmd is `oriel serve`.
type serveCmd struct{ serveFlags }

// serveFlags are the few settings that are not in the configuration file,
// because they cannot change while the process runs.
type serveFlags struct {
	Config         string `help:"Configuration file; every key has a default." placeholder:"FILE" type:"path"`
	Prometheus     string `help:"Prometheus configuration file to use as it is: its jobs, rules and Alertmanagers." name:"prometheus-config" placeholder:"FILE" type:"path"`
	DataDir        string `help:"Folder for everything that is stored." default:"data" type:"path"`
	Listen         string `help:"Address of the page and all HTTP APIs." default:"127.0.0.1:4319" placeholder:"ADDR"`
	OTLPGRPCListen string `help:"Address of OTLP over gRPC; empty for none." name:"otlp-grpc-listen" default:"127.0.0.1:4317" placeholder:"ADDR"`
	OTLPHTTPListen string `help:"Address of OTLP over HTTP; empty for none." name:"otlp-http-listen" default:"127.0.0.1:4318" placeholder:"ADDR"`
	SyslogListen   string `help:"Address of syslog over TCP and UDP; empty for none." name:"syslog-listen" placeholder:"ADDR"`
	Compat         bool   `help:"Also listen on the well-known ports of Prometheus, Loki, Tempo, Jaeger, Zipkin, Elasticsearch, InfluxDB, Pushgateway, Datadog and Alertmanager."`
	LogLevel       string `help:"Least severe messages to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`

	extraRules []string // rule files besides the configuration's
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	return c.serve(ctx, cfg, s)
}

// load reads the configuration that the flags name.
func (f *serveFlags) load() (*config, error) {
	return loadConfig(configFiles{path: f.Config, prometheus: f.Prometheus, dataDir: f.DataDir})
}

// An app is a running server. Its fields are set once, before anything runs.
type app struct {
	flags    *serveFlags
	cfg      *config
	log      *slog.Logger
	level    *promslog.Level // of the log
	reg      *prometheus.Registry
	own      *self.Telemetry
	recent   *support.Recent                       // of the log
	stopping <-chan struct{}                       // closed when the process is told to end
	running  atomic.Pointer[[]lifecycle.Component] // nil while starting
	replays  replays

	stores
	views
	fairness
	engines
	listeners
}

// serve opens everything from the stores up, runs it until ctx ends, and stops
// it in reverse. extra components start last.
func (f *serveFlags) serve(ctx context.Context, cfg *config, s streams, extra ...func(*app) lifecycle.Component) (err error) {
	release, err := lockDataDir(f.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()

	a := &app{flags: f, cfg: cfg, reg: newRegistry(), own: self.New(instanceName(f.Listen)), recent: &support.Recent{}, level: promslog.NewLevel(), replays: newReplays()}
	_ = a.level.Set(f.LogLevel) // one of the flag's enum
	a.log = a.newLogger(s)
	if err := a.openListeners(); err != nil {
		return err
	}
	defer a.closeListeners() // those that nothing serves yet
	external, err := a.externalURL()
	if err != nil {
		return err
	}
	gate := newGate(a.replays, strings.TrimSuffix(external.Path, "/"))
	main := startHTTP("main listener", a.main, gate, cfg.relative(cfg.Web.ConfigFile), a.log)
	pressure.SetLimit(a.log)
	started := pressure.Starting()
	components, err := a.open(ctx, gate)
	started()
	if err != nil {
		return errors.Join(err, main.stop())
	}
	defer func() { err = errors.Join(err, a.closeEngines(), a.closeStores()) }()
	components = append(components, main.component())
	for _, e := range extra {
		components = append(components, e(a))
	}
	defer a.shareProcessors()()
	a.warnIfExposed()
	if len(cfg.unused) > 0 {
		a.log.Warn("some sections of the Prometheus configuration have no effect here", "file", cfg.PrometheusConfigFile, "sections", strings.Join(cfg.unused, " "))
	}
	a.log.Info("oriel is ready", "version", productVersion(), "page", a.scheme()+"://"+a.main.Addr().String(), "data", f.DataDir)
	if err := a.offerSetup(ctx, s); err != nil {
		return errors.Join(err, main.stop())
	}
	a.running.Store(&components)
	err = lifecycle.Run(ctx, components)
	if err == nil {
		a.log.Info("oriel has stopped")
	}
	return err
}

// open opens the stores, builds what stands on them, lets requests through
// gate, and returns the components to run, stores first.
func (a *app) open(ctx context.Context, gate *gate) (components []lifecycle.Component, err error) {
	a.stopping = ctx.Done()
	if err := a.openStores(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.closeEngines(), a.closeStores())
		}
	}()
	components = a.storeComponents()
	a.account = ingest.NewAccount(a.reg)
	if a.cfg.Self.Enabled {
		err := a.own.Start(a.cfg.Self, self.Sinks{Events: a.account.Events(a.tap), Metrics: a.account.Samples(a.metrics), Gatherer: a.reg, Account: a.account})
		if err != nil {
			return nil, err
		}
		components = append(components, lifecycle.Component{Name: "own telemetry", Run: a.own.Run})
	}
	tracing := newTracerProvider(a.own, a.own.Instance(), productVersion())
	components = append(components, lifecycle.Component{Name: "tracing", Run: func(ctx context.Context) error {
		<-ctx.Done()
		return tracing.Shutdown(context.WithoutCancel(ctx))
	}})
	if err := a.openTrust(ctx); err != nil {
		return nil, err
	}
	if a.audit != nil {
		components = append(components, lifecycle.Component{Name: "audit log", Run: a.audit.Run})
	}
	if err := a.openEngines(); err != nil {
		return nil, err
	}
	components = append(components, a.engineComponents()...)
	router, err := a.router(tracing)
	if err != nil {
		return nil, err
	}
	components = append(components, a.listenerComponents(router)...)
	gate.open(router)
	return components, nil
}

func (a *app) newLogger(s streams) *slog.Logger {
	plain := promslog.New(&promslog.Config{Level: a.level, Writer: s.err})
	return slog.New(a.recent.Handler(a.own.Handler(plain.Handler())))
}

// instanceName is how this process calls itself in its own telemetry.
func instanceName(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || host != "" && host != "0.0.0.0" && host != "::" {
		return listen
	}
	if name, err := os.Hostname(); err == nil {
		host = name
	}
	return net.JoinHostPort(host, port)
}

// exposed lists the addresses that others can reach without showing who they
// are.
func (a *app) exposed() []string {
	// A file that cannot be read keeps the listener from starting.
	_, asks, _ := servertls.Guards(a.cfg.relative(a.cfg.Web.ConfigFile))
	if asks || a.cfg.Auth.Enabled {
		return nil
	}
	return a.wide()
}

// wide lists the addresses that are not this machine's alone.
func (a *app) wide() []string {
	var wide []string
	for _, addr := range a.addrs() {
		if !loopbackOnly(addr) && !slices.Contains(wide, addr) {
			wide = append(wide, addr)
		}
	}
	return wide
}

func (a *app) warnIfExposed() {
	if wide := a.exposed(); len(wide) > 0 {
		a.log.Warn("listening beyond this machine without authentication: anyone who reaches these addresses can read and write everything; set auth: {enabled: true}, or passwords or client certificates in web.config_file",
			"addresses", strings.Join(wide, " "))
		return
	}
	encrypts, _, _ := servertls.Guards(a.cfg.relative(a.cfg.Web.ConfigFile))
	if wide := a.wide(); len(wide) > 0 && !encrypts {
		a.log.Warn("listening beyond this machine without TLS: passwords and tokens can be read on the way, unless a proxy in front has TLS; set web.config_file",
			"addresses", strings.Join(wide, " "))
	}
}
