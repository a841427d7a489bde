package scrape

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	promscrape "github.com/prometheus/prometheus/scrape"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/logging"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest"
)

// syncInterval is how often scraping looks for targets that discovery has
// found or lost. Prometheus takes five seconds; a changed configuration should
// be seen at work sooner.
const syncInterval = time.Second

// Options are what a Manager needs.
type Options struct {
	Config     *config.Config           // as config.Load made it; required
	Store      promstorage.AppendableV2 // required
	Discovery  *discovery.SDMetrics     // one for the process
	Account    *ingest.Account          // nil counts nothing
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// A Manager finds the targets of a configuration and scrapes them while it
// runs. It implements TargetRetriever and ScrapePoolsRetriever of Prometheus'
// web API.
type Manager struct {
	*promscrape.Manager

	opts Options
	log  *slog.Logger

	mu        sync.Mutex
	config    *config.Config     // the newest
	discovery *discovery.Manager // nil before Run
}

// New returns a Manager of o.Config's jobs. Nothing is looked up or scraped
// before Run.
func New(o Options) (*Manager, error) {
	if err := Check(o.Config); err != nil {
		return nil, err
	}
	m := &Manager{opts: o, log: o.Log.With("component", "scrape"), config: o.Config}
	var err error
	m.Manager, err = promscrape.NewManager(&promscrape.Options{
		AppendMetadata:           true, // for /api/v1/metadata once the target has gone; tsdb does not log it
		DiscoveryReloadInterval:  promodel.Duration(syncInterval),
		DiscoveryReloadOnStartup: true,
	}, m.log, logging.NewJSONFileLogger, nil, counted{o.Store, o.Account}, o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("set up scraping: %w", err)
	}
	return m, nil
}

// Apply replaces the configuration, all or, with an error, nothing of it. Jobs
// that did not change are scraped on as before; series of targets that are
// gone end with a staleness marker.
func (m *Manager) Apply(c *config.Config) error {
	if err := Check(c); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.config
	m.config = c
	if m.discovery == nil {
		return nil
	}
	if err := m.apply(); err != nil {
		// Check has seen all that a configuration can do wrong. What is left,
		// a file that vanished since, must not leave half of it at work.
		m.config = old
		return errors.Join(err, m.apply())
	}
	return nil
}

// apply puts m.config to work. m.mu is held.
func (m *Manager) apply() error {
	if err := m.ApplyConfig(m.config); err != nil {
		return fmt.Errorf("apply scrape_configs: %w", err)
	}
	jobs, err := m.config.GetScrapeConfigs()
	if err != nil {
		return err
	}
	sets := make(map[string]discovery.Configs, len(jobs))
	for _, job := range jobs {
		sets[job.JobName] = job.ServiceDiscoveryConfigs
	}
	if err := m.discovery.ApplyConfig(sets); err != nil {
		return fmt.Errorf("discover targets: %w", err)
	}
	return nil
}

// Run finds and scrapes targets until ctx ends. It is called once. Series get
// no staleness marker at the end: the next process goes on with them.
func (m *Manager) Run(ctx context.Context) error {
	// Discovery goes last, or its leaving would look like that of the targets.
	looking, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	d := discovery.NewManager(looking, m.log, m.opts.Registerer, m.opts.Discovery, discovery.Name("scrape"))
	if d == nil {
		return errors.New("set up discovery of targets: its metrics are registered already")
	}
	var g errgroup.Group
	g.Go(func() error {
		_ = d.Run() // always the end of looking
		return nil
	})
	g.Go(func() error { return m.Manager.Run(d.SyncCh()) })
	err := m.start(d)
	if err == nil {
		<-ctx.Done()
	}
	m.Stop()
	stop()
	return errors.Join(err, g.Wait())
}

func (m *Manager) start(d *discovery.Manager) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.discovery = d
	return m.apply()
}
