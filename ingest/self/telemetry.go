package self

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promstorage "github.com/prometheus/prometheus/storage"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// ServiceName is the service under which Oriel's own telemetry is stored.
const ServiceName = "oriel"

// Config is the `self` section of oriel.yaml.
type Config struct {
	Enabled  bool          `yaml:"enabled"`
	Interval time.Duration `yaml:"interval"` // between two samples of each own metric
}

// DefaultConfig is on, at Prometheus' usual interval.
func DefaultConfig() Config { return Config{Enabled: true, Interval: 15 * time.Second} }

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	if c.Interval < time.Second {
		return fmt.Errorf("interval: %v is below 1s", c.Interval)
	}
	return nil
}

// At most so many rows a second; far above what an idle or healthy server
// makes, far below what could hurt it.
const (
	maxLogsPerSecond  = 200
	maxSpansPerSecond = 500
)

// Telemetry is where Oriel's own logs and spans go. Those that come before
// Start are passed over: the stores do not exist yet.
type Telemetry struct {
	logStream *model.Stream
	instance  string

	logs  atomic.Pointer[queue]
	spans atomic.Pointer[queue]

	interval time.Duration
	gatherer prometheus.Gatherer
	metrics  promstorage.AppendableV2
	account  *ingest.Account
}

// New returns a Telemetry for the process called instance ("host:port").
func New(instance string) *Telemetry {
	return &Telemetry{
		instance: instance,
		logStream: &model.Stream{Attrs: []model.Attr{
			{Key: "service_instance_id", Value: model.String(instance)},
			{Key: "service_name", Value: model.String(ServiceName)},
		}},
	}
}

// Instance returns the name given to New.
func (t *Telemetry) Instance() string { return t.instance }

// Sinks are where Start sends the telemetry.
type Sinks struct {
	Events   ingest.EventWriter
	Metrics  promstorage.AppendableV2
	Gatherer prometheus.Gatherer // of the metrics to store
	Account  *ingest.Account     // of what was written and what was not; may be nil
}

// Start connects t to its sinks. It starts no goroutine; Run does.
func (t *Telemetry) Start(cfg Config, s Sinks) error {
	if t.gatherer != nil {
		return errors.New("own telemetry was started before")
	}
	t.interval, t.gatherer, t.metrics, t.account = cfg.Interval, s.Gatherer, s.Metrics, s.Account
	t.logs.Store(newQueue(model.Logs, maxLogsPerSecond, s))
	t.spans.Store(newQueue(model.Spans, maxSpansPerSecond, s))
	return nil
}

// Run writes until ctx ends; what has been collected by then is written too.
func (t *Telemetry) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.logs.Load().run(ctx) })
	g.Go(func() error { return t.spans.Load().run(ctx) })
	g.Go(func() error { return t.runMetrics(ctx) })
	return g.Wait()
}
