package servicegraph

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/ingest/derived"
)

// Config is the `ingest.spans.service_graph` section of oriel.yaml.
type Config struct {
	Enabled        bool `yaml:"enabled"`
	derived.Timing `yaml:",inline"`

	Latency derived.Form `yaml:"latency"`

	Wait       time.Duration `yaml:"wait"`        // how long a span waits for the other side
	MaxWaiting int           `yaml:"max_waiting"` // spans that wait at a time; more are counted as dropped

	Dimensions         []string `yaml:"dimensions"`          // attributes of resource or span, the resource's first, that become client_… and server_…
	PeerAttributes     []string `yaml:"peer_attributes"`     // of a client span, naming a server that sends no spans; the first that is there
	DatabaseAttributes []string `yaml:"database_attributes"` // of a client span, naming a database; the first that is there
	VirtualNodes       bool     `yaml:"virtual_nodes"`       // edges from "user" and to peers that send no spans
}

// DefaultConfig is on, with the buckets of Tempo.
func DefaultConfig() Config {
	return Config{
		Enabled:            true,
		Timing:             derived.DefaultTiming(),
		Latency:            derived.Form{Classic: true, Native: true, Buckets: []float64{0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8}},
		Wait:               10 * time.Second,
		MaxWaiting:         50_000,
		PeerAttributes:     []string{"peer.service", "server.address", "net.peer.name", "messaging.system"},
		DatabaseAttributes: []string{"db.namespace", "db.name", "db.system.name", "db.system"},
		VirtualNodes:       true,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	errs := []error{c.Timing.Validate()}
	if err := c.Latency.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("latency.%w", err))
	}
	if c.Wait <= 0 || c.Wait > 10*time.Minute {
		errs = append(errs, fmt.Errorf("wait: %v is not within 0 and 10m", c.Wait))
	}
	if c.MaxWaiting < 1 {
		errs = append(errs, fmt.Errorf("max_waiting: %d is not positive", c.MaxWaiting))
	}
	seen := map[string]string{}
	for i, d := range c.Dimensions {
		label := strutil.SanitizeFullLabelName(d)
		if d == "" {
			errs = append(errs, fmt.Errorf("dimensions[%d]: must not be empty", i))
		} else if before, ok := seen[label]; ok {
			errs = append(errs, fmt.Errorf("dimensions[%d]: %q and %q are both label client_%s", i, before, d, label))
		}
		seen[label] = d
	}
	return errors.Join(errs...)
}
