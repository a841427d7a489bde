package forward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/rules"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
)

// queueCapacity is how many alerts wait for one Alertmanager that does not
// answer before the oldest are dropped: Prometheus' default.
const queueCapacity = 10_000

// What fires before the first Alertmanager has been found waits for that, which
// is looked for every glance, for firstLook at most: it would not be sent again
// for a minute.
const (
	firstLook = 10 * time.Second
	glance    = 20 * time.Millisecond
)

// Options are what a Manager needs.
type Options struct {
	Config      *config.Config       // as config.Load made it; required
	Discovery   *discovery.SDMetrics // one for the process
	ExternalURL *url.URL             // of Oriel, for links; required
	Tenants     bool                 // are on, and links lead to the alert's
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}

// A Manager holds the Alertmanagers and sends to them while it runs.
type Manager struct {
	opts     Options
	log      *slog.Logger
	notifier *notifier.Manager

	mu        sync.Mutex
	config    *config.Config     // the newest
	discovery *discovery.Manager // nil before Run
	waits     bool               // for the first Alertmanager
	early     []func()           // what is sent then
}

// New returns a Manager of the Alertmanagers in o.Config. Nothing is looked up
// or sent before Run.
func New(o Options) (*Manager, error) {
	if err := Check(o.Config); err != nil {
		return nil, err
	}
	m := &Manager{opts: o, log: o.Log.With("component", "forward"), config: o.Config}
	m.waits = len(o.Config.AlertingConfig.AlertmanagerConfigs) > 0
	m.notifier = notifier.NewManager(&notifier.Options{
		QueueCapacity:   queueCapacity,
		DrainOnShutdown: true,
		Registerer:      o.Registerer,
	}, o.Config.GlobalConfig.MetricNameValidationScheme, m.log)
	return m, nil
}

// Check returns what would keep c's Alertmanagers from being reached: files of
// certificates and the like that cannot be read.
func Check(c *config.Config) error {
	var errs []error
	for i, am := range c.AlertingConfig.AlertmanagerConfigs {
		client, err := promconfig.NewClientFromConfig(am.HTTPClientConfig, "alertmanager")
		if err != nil {
			errs = append(errs, fmt.Errorf("alerting: alertmanager %d: %w", i+1, err))
			continue
		}
		client.CloseIdleConnections()
	}
	return errors.Join(errs...)
}

// Apply replaces the configuration, all or, with an error, nothing of it.
func (m *Manager) Apply(c *config.Config) error {
	if err := Check(c); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.config = c
	if m.discovery == nil {
		return nil
	}
	return m.apply()
}

// apply puts m.config to work. m.mu is held.
func (m *Manager) apply() error {
	if err := m.notifier.ApplyConfig(m.config); err != nil {
		return fmt.Errorf("alerting: %w", err)
	}
	sets := map[string]discovery.Configs{}
	for name, am := range m.config.AlertingConfig.AlertmanagerConfigs.ToMap() {
		sets[name] = am.ServiceDiscoveryConfigs
	}
	if err := m.discovery.ApplyConfig(sets); err != nil {
		return fmt.Errorf("alerting: discover Alertmanagers: %w", err)
	}
	return nil
}

// Run finds the Alertmanagers and sends to them until ctx ends, and what is
// queued then. It is called once.
func (m *Manager) Run(ctx context.Context) error {
	// Alertmanagers are known until the queues are empty.
	looking, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	d := discovery.NewManager(looking, m.log, m.opts.Registerer, m.opts.Discovery, discovery.Name("notify"))
	if d == nil {
		return errors.New("set up discovery of Alertmanagers: its metrics are registered already")
	}
	var g errgroup.Group
	g.Go(func() error {
		_ = d.Run() // always the end of looking
		return nil
	})
	g.Go(func() error {
		m.notifier.Run(d.SyncCh())
		return nil
	})
	err := m.start(d)
	if err == nil {
		m.await(ctx)
		<-ctx.Done()
	}
	m.notifier.Stop()
	stop()
	return errors.Join(err, g.Wait())
}

// await has what is early sent once an Alertmanager is known, or none can be
// expected any more.
func (m *Manager) await(ctx context.Context) {
	late := time.NewTimer(firstLook)
	defer late.Stop()
	look := time.NewTicker(glance)
	defer look.Stop()
	for ended := false; !ended && len(m.notifier.Alertmanagers()) == 0; {
		select {
		case <-look.C:
		case <-late.C:
			ended = true
		case <-ctx.Done():
			ended = true
		}
	}
	m.mu.Lock()
	early := m.early
	m.early, m.waits = nil, false
	m.mu.Unlock()
	for _, send := range early {
		send()
	}
}

func (m *Manager) start(d *discovery.Manager) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.discovery = d
	return m.apply()
}

// Notify queues the alerts of the rule with expression expr. It implements
// rules.NotifyFunc.
func (m *Manager) Notify(ctx context.Context, expr string, as ...*rules.Alert) {
	link := strings.TrimRight(m.opts.ExternalURL.String(), "/") + alerting.Link(ctx, expr)
	send := func() { rules.SendAlerts(linked{m.notifier, link, m.opts.Tenants}, "")(ctx, expr, as...) }
	m.mu.Lock()
	waits := m.waits && len(m.early) < queueCapacity
	if waits {
		m.early = append(m.early, send)
	}
	m.mu.Unlock()
	if !waits {
		send()
	}
}

// linked sends alerts whose link is to what their rule asks, which is not
// always PromQL.
type linked struct {
	to      rules.Sender
	link    string
	tenants bool // are on: the link is to what the alert's has
}

// Send implements rules.Sender.
func (l linked) Send(as ...*notifier.Alert) {
	for _, a := range as {
		whose := ""
		if l.tenants {
			whose = a.Labels.Get(auth.TenantLabel)
		}
		a.GeneratorURL = alerting.In(l.link, whose)
	}
	l.to.Send(as...)
}

// Alertmanagers returns the addresses that alerts are posted to. It implements
// AlertmanagerRetriever of Prometheus' web API.
func (m *Manager) Alertmanagers() []*url.URL { return m.notifier.Alertmanagers() }

// DroppedAlertmanagers returns what was found and relabelled away. It
// implements AlertmanagerRetriever of Prometheus' web API.
func (m *Manager) DroppedAlertmanagers() []*url.URL { return m.notifier.DroppedAlertmanagers() }
