package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	promscrape "github.com/prometheus/prometheus/scrape"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
)

// flushDeadline is how long the end of the process waits for what is queued for a
// receiver, and then for the next one's: Prometheus' minute is longer than what
// starts and ends services gives them.
const flushDeadline = 10 * time.Second

// Options are what a Manager needs.
type Options struct {
	Config     *config.Config      // as config.Load made it; required
	Dir        string              // of the metric store, whose WAL is read
	Targets    *promscrape.Manager // whose metadata is sent along
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// A Manager sends to the receivers of a configuration while it runs. It is the
// metric store's follower.
type Manager struct {
	opts Options
	log  *slog.Logger

	mu      sync.RWMutex
	config  *config.Config       // the newest
	storage *remote.WriteStorage // nil while there is nobody to send to, and outside of Run
	running bool
}

// New returns a Manager of o.Config's receivers. Nothing is sent before Run.
func New(o Options) (*Manager, error) {
	if err := Check(o.Config); err != nil {
		return nil, err
	}
	return &Manager{opts: o, log: slog.New(discreet{o.Log.Handler()}).With("component", "relay"), config: o.Config}, nil
}

// Check returns what would keep c's receivers from being reached: files of
// certificates and the like that cannot be read.
func Check(c *config.Config) error {
	var errs []error
	for _, rw := range c.RemoteWriteConfigs {
		client, err := promconfig.NewClientFromConfig(rw.HTTPClientConfig, "remote_write")
		if err != nil {
			errs = append(errs, fmt.Errorf("remote_write to %s: %w", rw.URL.Redacted(), err))
			continue
		}
		client.CloseIdleConnections()
	}
	return errors.Join(errs...)
}

// Apply replaces the configuration; queues of receivers that did not change go
// on.
func (m *Manager) Apply(c *config.Config) error {
	if err := Check(c); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.config
	m.config = c
	if err := m.apply(); err != nil {
		m.config = old
		return errors.Join(err, m.apply())
	}
	return nil
}

// apply puts m.config to work if the Manager runs. m.mu is held.
func (m *Manager) apply() error {
	if !m.running {
		return nil
	}
	if m.storage == nil {
		if len(m.config.RemoteWriteConfigs) == 0 {
			return nil // a server that sends nothing on pays nothing for it
		}
		m.storage = remote.NewWriteStorage(m.log, m.opts.Registerer, m.opts.Dir, flushDeadline, targets{m.opts.Targets}, false)
	}
	if err := m.storage.ApplyConfig(m.config); err != nil {
		return fmt.Errorf("apply remote_write: %w", err)
	}
	return nil
}

// Run sends until ctx ends, and what is queued then, for up to flushDeadline
// a receiver. It is called once.
func (m *Manager) Run(ctx context.Context) error {
	if err := m.start(); err != nil {
		return errors.Join(err, m.stop())
	}
	<-ctx.Done()
	return m.stop()
}

func (m *Manager) start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = true
	return m.apply()
}

func (m *Manager) stop() error {
	m.mu.Lock()
	storage := m.storage
	m.storage, m.running = nil, false
	m.mu.Unlock()
	if storage == nil {
		return nil
	}
	if err := storage.Close(); err != nil {
		return fmt.Errorf("stop remote_write: %w", err)
	}
	return nil
}

// Notify says that there is something new in the WAL.
func (m *Manager) Notify() {
	if s := m.current(); s != nil {
		s.Notify()
	}
}

// Committed says how much came in, by which the number of senders is chosen,
// and when the newest of it was taken, in milliseconds.
func (m *Manager) Committed(samples int, newest int64) {
	s := m.current()
	if s == nil {
		return
	}
	app := s.AppenderV2(context.Background()) // it counts, and keeps nothing
	for range samples {
		_, _ = app.Append(0, labels.EmptyLabels(), 0, newest, 0, nil, nil, promstorage.AOptions{})
	}
	_ = app.Commit()
}

// current returns nil while a configuration is being applied: a receiver that
// is taken out may have a minute to empty its queue, and whoever writes to the
// WAL must not wait for that. What is missed is made up for by the next call.
func (m *Manager) current() *remote.WriteStorage {
	if !m.mu.TryRLock() {
		return nil
	}
	defer m.mu.RUnlock()
	return m.storage
}

// targets gives remote write the manager whose metadata it sends.
type targets struct{ m *promscrape.Manager }

func (t targets) Get() (*promscrape.Manager, error) { return t.m, nil }
