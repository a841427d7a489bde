package graphite

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/oriel-obs/oriel/internal/conns"
)

// Config is the `ingest.graphite` section of oriel.yaml.
type Config struct {
	Listen                string        `yaml:"listen"`                   // host:port of TCP and UDP; empty takes nothing
	WebConfig             string        `yaml:"web_config_file"`          // of exporter-toolkit: TLS over TCP, of its tls_server_config; empty for none
	MappingFile           string        `yaml:"mapping_file"`             // rules of Prometheus' exporters for StatsD and Graphite
	StrictMatch           bool          `yaml:"strict_match"`             // what no rule matches is left out
	MaxLineBytes          int           `yaml:"max_line_bytes"`           // a longer line is dropped and counted
	MaxConnections        int           `yaml:"max_connections"`          // of TCP
	MaxConnectionsPerPeer int           `yaml:"max_connections_per_peer"` // from one address
	IdleTimeout           time.Duration `yaml:"idle_timeout"`             // a connection silent for so long is closed; 0 never
}

// DefaultConfig does not listen: the protocol has no authentication, so that
// somebody must decide who may send.
func DefaultConfig() Config {
	return Config{MaxLineBytes: 16 << 10, MaxConnections: 1024, MaxConnectionsPerPeer: 256, IdleTimeout: 12 * time.Hour}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			errs = append(errs, fmt.Errorf("listen: %w", err))
		}
	}
	if c.StrictMatch && c.MappingFile == "" {
		errs = append(errs, errors.New("strict_match: needs a mapping_file"))
	}
	for _, n := range []struct {
		key  string
		v, m int
	}{{"max_line_bytes", c.MaxLineBytes, 256}, {"max_connections", c.MaxConnections, 1}, {"max_connections_per_peer", c.MaxConnectionsPerPeer, 1}} {
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
