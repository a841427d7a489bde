package statsd

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/internal/conns"
)

// Config is the `ingest.statsd` section of oriel.yaml.
type Config struct {
	Listen                string        `yaml:"listen"`                   // host:port of UDP and TCP; empty for none
	WebConfig             string        `yaml:"web_config_file"`          // of exporter-toolkit: TLS over TCP, of its tls_server_config; empty for none
	Unixgram              string        `yaml:"unixgram"`                 // path of a Unix datagram socket; empty for none
	FlushInterval         time.Duration `yaml:"flush_interval"`           // between samples of a series
	TTL                   time.Duration `yaml:"ttl"`                      // a series not seen for so long ends; 0 never
	Timers                Observer      `yaml:"timers"`                   // what timers, histograms and distributions become
	Buckets               []float64     `yaml:"buckets"`                  // upper bounds, of timers: histogram
	MappingFile           string        `yaml:"mapping_file"`             // rules of Prometheus' exporter for StatsD
	MaxSeries             int           `yaml:"max_series"`               // more are refused
	MaxLineBytes          int           `yaml:"max_line_bytes"`           // over TCP; a longer line is dropped and counted
	MaxConnections        int           `yaml:"max_connections"`          // of TCP
	MaxConnectionsPerPeer int           `yaml:"max_connections_per_peer"` // from one address
	IdleTimeout           time.Duration `yaml:"idle_timeout"`             // a connection silent for so long is closed; 0 never
}

// An Observer is a kind of metric that many observations make.
type Observer string

// The kinds.
const (
	Native    Observer = "native"    // a native histogram
	Histogram Observer = "histogram" // with the buckets that are configured
	Summary   Observer = "summary"   // with quantiles 0.5, 0.9 and 0.99
)

// DefaultConfig does not listen: the protocol has no authentication, so that
// somebody must decide who may send.
func DefaultConfig() Config {
	return Config{
		FlushInterval: 10 * time.Second, TTL: time.Hour, Timers: Native, Buckets: prometheus.DefBuckets, MaxSeries: 200_000,
		MaxLineBytes: 16 << 10, MaxConnections: 1024, MaxConnectionsPerPeer: 256, IdleTimeout: 12 * time.Hour,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			errs = append(errs, fmt.Errorf("listen: %w", err))
		}
	}
	if c.FlushInterval < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("flush_interval: %v is less than 100ms", c.FlushInterval))
	}
	if c.TTL < 0 {
		errs = append(errs, fmt.Errorf("ttl: %v is negative", c.TTL))
	}
	if !slices.Contains([]Observer{Native, Histogram, Summary}, c.Timers) {
		errs = append(errs, fmt.Errorf("timers: %q is none of native, histogram, summary", c.Timers))
	}
	if len(c.Buckets) == 0 || !slices.IsSorted(c.Buckets) || len(slices.Compact(slices.Clone(c.Buckets))) != len(c.Buckets) {
		errs = append(errs, errors.New("buckets: want upper bounds, each larger than the one before"))
	}
	for _, n := range []struct {
		key  string
		v, m int
	}{
		{"max_series", c.MaxSeries, 1},
		{"max_line_bytes", c.MaxLineBytes, 256},
		{"max_connections", c.MaxConnections, 1},
		{"max_connections_per_peer", c.MaxConnectionsPerPeer, 1},
	} {
		if n.v < n.m {
			errs = append(errs, fmt.Errorf("%s: %d is less than %d", n.key, n.v, n.m))
		}
	}
	if c.IdleTimeout < 0 {
		errs = append(errs, fmt.Errorf("idle_timeout: %v is negative", c.IdleTimeout))
	}
	return errors.Join(errs...)
}

func (c Config) limits() conns.Limits {
	return conns.Limits{Max: c.MaxConnections, MaxPerPeer: c.MaxConnectionsPerPeer, Idle: c.IdleTimeout}
}
