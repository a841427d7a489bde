package fluentforward

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config is the `ingest.fluent` section of oriel.yaml.
type Config struct {
	Listen                string        `yaml:"listen"`                   // address, for instance 127.0.0.1:24224; empty for none
	WebConfig             string        `yaml:"web_config_file"`          // of exporter-toolkit: TLS, of its tls_server_config; empty for none
	MaxConnections        int           `yaml:"max_connections"`          // at once
	MaxConnectionsPerPeer int           `yaml:"max_connections_per_peer"` // from one address
	IdleTimeout           time.Duration `yaml:"idle_timeout"`             // a connection silent for so long is closed; 0 never
}

// DefaultConfig has no listener: the protocol, as spoken here, has no
// authentication, so that somebody must decide who may send.
func DefaultConfig() Config {
	return Config{MaxConnections: 1024, MaxConnectionsPerPeer: 256, IdleTimeout: time.Hour}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			errs = append(errs, fmt.Errorf("listen: %w", err))
		}
	}
	if c.MaxConnections < 1 {
		errs = append(errs, fmt.Errorf("max_connections: %d is not positive", c.MaxConnections))
	}
	if c.MaxConnectionsPerPeer < 1 {
		errs = append(errs, fmt.Errorf("max_connections_per_peer: %d is not positive", c.MaxConnectionsPerPeer))
	}
	if c.IdleTimeout < 0 {
		errs = append(errs, fmt.Errorf("idle_timeout: %v is negative", c.IdleTimeout))
	}
	return errors.Join(errs...)
}
