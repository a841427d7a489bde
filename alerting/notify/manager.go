package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/nflog"
	amnotify "github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/storage/state"
)

// Alertmanager's own settings, which its flags have as defaults.
const (
	retention           = 120 * time.Hour // of ended silences and of the notification log
	gcInterval          = 30 * time.Minute
	maintenanceInterval = 30 * time.Second // of dispatch
)

// Options are what a Manager needs.
type Options struct {
	Source         Source
	Dir            string                     // holds silences, notification log and alerts; created if absent
	ExternalURL    *url.URL                   // of Oriel: in payloads and the links of templates
	ExternalLabels func() labels.Labels       // added to alerts of rules that lack them; nil for none
	Evidence       Evidence                   // goes with notifications; nil for none
	State          *state.DB                  // holds what waits for its receivers, and acknowledgements; required
	Config         Config                     // of the delivery
	Inhibitions    []Inhibition               // beside those of Source
	Tenants        bool                       // whether alerts and silences are those of tenants
	Dial           promconfig.DialContextFunc // to receivers over HTTP; nil for anywhere
	MayReach       func(netip.Addr) error     // why receivers of the page's may not be at an address; nil for no reason
	Sealer         Sealer                     // of the page's configuration, which is in force if Source has no text; nil for none
	Happened       func()                     // called when State has something new for the history; nil for nobody
	Registerer     prometheus.Registerer
	Log            *slog.Logger
}

// client is what HTTP clients of receivers are made with.
func (o Options) client() []promconfig.HTTPClientOption {
	if o.Dial == nil {
		return nil
	}
	return []promconfig.HTTPClientOption{promconfig.WithDialContextFunc(o.Dial)}
}

// A Manager is an Alertmanager without its HTTP server.
type Manager struct {
	opts     Options
	log      *slog.Logger
	metrics  *metrics
	silences *silence.Silences
	silencer *silence.Silencer
	sent     *nflog.Log
	groups   marker.GroupMarker
	queue    *queue
	acks     *acks
	dispatch *dispatch.DispatcherMetrics
	alerts   *alerts

	changed chan struct{} // holds one when something must be saved
	reloads chan *plan
	ended   chan struct{}
	written map[string][]byte // content of the files in Dir, by name; Run's own, as is
	began   time.Time         // when Run did
	unsaved []state.Told      // by an earlier process that was killed

	current atomic.Pointer[delivery] // nil before Run

	turn sync.Mutex // held while another configuration is put in force

	mu      sync.Mutex
	plan    *plan // the newest
	onApply []func(*amconfig.Config, func(context.Context, promodel.LabelSet))
}

// New reads the configuration and what an earlier process left in o.Dir. An
// error in the configuration is one line and wraps fault.ErrInvalid. Nothing
// is delivered before Run.
func New(o Options) (*Manager, error) {
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{}
	}
	if o.ExternalLabels == nil {
		o.ExternalLabels = labels.EmptyLabels
	}
	if o.Happened == nil {
		o.Happened = func() {}
	}
	m := &Manager{
		opts:    o,
		log:     o.Log.With("component", "notify"),
		metrics: newMetrics(o.Registerer),
		groups:  marker.NewGroupMarker(),
		alerts:  newAlerts(),
		changed: make(chan struct{}, 1),
		reloads: make(chan *plan),
		ended:   make(chan struct{}),
		written: map[string][]byte{},
	}
	var err error
	if m.plan, err = m.choose(context.Background(), o.Source); err != nil {
		return nil, err
	}
	if err := m.open(); err != nil {
		return nil, fmt.Errorf("open notification state in %s: %w", o.Dir, err)
	}
	m.silencer = silence.NewSilencer(m.silences, m.log, eventrecorder.Recorder{})
	if m.acks, err = openAcks(context.Background(), o.State, o.Happened); err != nil {
		return nil, err
	}
	m.queue = &queue{
		db: o.State, config: o.Config, told: o.Happened, log: m.log, metrics: newQueueMetrics(o.State, o.Registerer),
		stock: amnotify.NewMetrics(o.Registerer, featurecontrol.NoopFlags{}),
	}
	m.dispatch = dispatch.NewDispatcherMetrics(false, o.Registerer, featurecontrol.NoopFlags{})
	return m, nil
}

// choose makes ready what the configuration file says or, if it says nothing,
// the page.
func (m *Manager) choose(ctx context.Context, file Source) (*plan, error) {
	if file.Text == nil {
		return m.preparePage(ctx)
	}
	p, err := m.prepare(file)
	if err != nil {
		return nil, err
	}
	p.file = file
	return p, nil
}

func (m *Manager) prepare(s Source) (*plan, error) {
	conf, err := s.load()
	if err != nil {
		return nil, err
	}
	p, err := newPlan(conf, m.opts, m.log)
	if err != nil {
		return nil, s.fault(err)
	}
	return p, nil
}

var errStopped = errors.New("notifications have stopped")

// Reload replaces what the configuration file says; with an error, as New's, the
// old one goes on. Groups start over, but nothing is notified twice for it.
func (m *Manager) Reload(ctx context.Context, file Source) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	p, err := m.choose(ctx, file)
	m.metrics.reloaded(err)
	if err != nil {
		return err
	}
	return m.put(ctx, p)
}

// put has Run put p in force, and waits for that.
func (m *Manager) put(ctx context.Context, p *plan) error {
	p.applied = make(chan struct{})
	select {
	case m.reloads <- p:
	case <-m.ended:
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-p.applied:
		return nil
	case <-m.ended:
		return errStopped
	}
}

// OnApply has f called with the configuration in force, now and after every
// reload, and with a function that marks an alert's status: what silences and
// inhibits it is recorded in the marker of the context.
func (m *Manager) OnApply(f func(*amconfig.Config, func(context.Context, promodel.LabelSet))) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onApply = append(m.onApply, f)
	f(m.plan.conf, m.markStatus)
}

func (m *Manager) markStatus(ctx context.Context, ls promodel.LabelSet) {
	if d := m.current.Load(); d != nil {
		d.inhibitor.Mutes(ctx, ls)
	}
	m.silencer.Mutes(ctx, ls)
}

// Run delivers alerts until ctx ends. It is called once.
func (m *Manager) Run(ctx context.Context) error {
	defer close(m.ended)
	m.began = time.Now()
	// The store outlives ctx by a little: the dispatcher still reads it while
	// it stops.
	store, err := mem.NewAlerts(context.WithoutCancel(ctx), gcInterval, 0, ackWatch{m.silencer, m.acks, m.log}, m.log, eventrecorder.Recorder{}, m.opts.Registerer, featurecontrol.NoopFlags{})
	if err != nil {
		return fmt.Errorf("start alerts: %w", err)
	}
	defer store.Close()
	if err := m.restoreAlerts(ctx, store); err != nil {
		return err
	}
	m.apply(ctx, store, m.newest())
	m.alerts.start(store)
	m.serve(ctx, store)
	m.current.Load().stop()
	m.queue.stop()
	return m.save(store)
}

func (m *Manager) newest() *plan {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.plan
}

// A delivery is a plan at work.
type delivery struct {
	inhibitor  *inhibit.Inhibitor
	dispatcher *dispatch.Dispatcher
	running    sync.WaitGroup
}

func (d *delivery) stop() {
	d.inhibitor.Stop()
	d.dispatcher.Stop()
	d.running.Wait()
}

// apply stops what is at work and puts p to work. Only Run's goroutine calls
// it.
func (m *Manager) apply(ctx context.Context, store provider.Alerts, p *plan) {
	if old := m.current.Load(); old != nil {
		old.stop()
	}
	m.queue.stop()
	m.queue.start(ctx, p)
	d := &delivery{inhibitor: m.inhibitor(p, store)}
	d.dispatcher = dispatch.NewDispatcher(
		store, p.routes, m.pipeline(p, d.inhibitor), m.groups,
		func(groupInterval time.Duration) time.Duration { return max(groupInterval, amnotify.MinTimeout) },
		maintenanceInterval, nil, m.log, eventrecorder.Recorder{}, m.dispatch, p.templates,
	)
	// The inhibitor first, so that no alert slips past it.
	d.running.Go(d.inhibitor.Run)
	d.inhibitor.WaitForLoading()
	d.running.Go(func() { d.dispatcher.Run(time.Now()) })
	d.dispatcher.WaitForLoading()
	m.current.Store(d)

	m.metrics.applied(p)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plan = p
	for _, f := range m.onApply {
		f(p.conf, m.markStatus)
	}
}

// Silences returns the silences, for the API.
func (m *Manager) Silences() *silence.Silences { return m.silences }

// Alerts returns the alerts, for the API. Until Run has begun it is empty and
// takes alerts in only then.
func (m *Manager) Alerts() provider.Alerts { return m.alerts }

// Muted returns the time intervals that mute a group, for the API.
func (m *Manager) Muted(routeID, groupKey string) ([]string, bool) {
	return m.groups.Muted(routeID, groupKey)
}

// Groups returns the groups of alerts that both filters keep, and the
// receivers by alert, for the API.
func (m *Manager) Groups(ctx context.Context, route func(*dispatch.Route) bool, alert func(*amalert.Alert, time.Time) bool) (dispatch.AlertGroups, map[promodel.Fingerprint][]string, error) {
	d := m.current.Load()
	if d == nil {
		return nil, nil, nil
	}
	return d.dispatcher.Groups(ctx, route, alert)
}
