package syslog

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// Config is the `ingest.syslog` section of oriel.yaml.
type Config struct {
	Listeners             []Listener    `yaml:"listeners"`
	MaxMessageBytes       int           `yaml:"max_message_bytes"`        // of one message on a stream; a longer one is dropped and counted
	MaxConnections        int           `yaml:"max_connections"`          // of all listeners together
	MaxConnectionsPerPeer int           `yaml:"max_connections_per_peer"` // from one address
	IdleTimeout           time.Duration `yaml:"idle_timeout"`             // a connection silent for so long is closed; 0 never. Many senders lose the message that finds it closed
}

// A Listener is one socket.
type Listener struct {
	Network      string            `yaml:"network"`         // udp, tcp, tls, unix or unixgram
	Address      string            `yaml:"address"`         // host:port, or the path of a Unix socket
	WebConfig    string            `yaml:"web_config_file"` // of exporter-toolkit, of which tls_server_config counts; instead of the three below
	CertFile     string            `yaml:"cert_file"`       // PEM
	KeyFile      string            `yaml:"key_file"`        // both of TLS; read again when they change
	ClientCAFile string            `yaml:"client_ca_file"`  // asks clients for a certificate of these authorities
	TimeZone     string            `yaml:"time_zone"`       // of time stamps that name none, such as Europe/Berlin; UTC if empty
	Labels       map[string]string `yaml:"labels"`          // stream labels besides those of the message
}

// DefaultConfig has no listener: syslog has no authentication, so that somebody
// must decide who may send.
func DefaultConfig() Config {
	return Config{MaxMessageBytes: 256 << 10, MaxConnections: 1024, MaxConnectionsPerPeer: 256, IdleTimeout: 12 * time.Hour}
}

var networks = []string{"udp", "tcp", "tls", "unix", "unixgram"}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	for _, n := range []struct {
		key  string
		v, m int
	}{{"max_message_bytes", c.MaxMessageBytes, 8 << 10}, {"max_connections", c.MaxConnections, 1}, {"max_connections_per_peer", c.MaxConnectionsPerPeer, 1}} {
		if n.v < n.m {
			errs = append(errs, fmt.Errorf("%s: %d is less than %d", n.key, n.v, n.m))
		}
	}
	if c.IdleTimeout < 0 {
		errs = append(errs, fmt.Errorf("idle_timeout: %v is negative", c.IdleTimeout))
	}
	for i, l := range c.Listeners {
		if err := l.validate(); err != nil {
			errs = append(errs, fmt.Errorf("listeners[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (l Listener) validate() error {
	if !slices.Contains(networks, l.Network) {
		return fmt.Errorf("network: %q is none of %s", l.Network, strings.Join(networks, ", "))
	}
	if strings.HasPrefix(l.Network, "unix") {
		if l.Address == "" {
			return errors.New("address: want the path of a socket")
		}
	} else if _, _, err := net.SplitHostPort(l.Address); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	files := l.CertFile != "" || l.KeyFile != "" || l.ClientCAFile != ""
	switch {
	case (files || l.WebConfig != "") != (l.Network == "tls"):
		return errors.New("cert_file: certificates belong to network tls, and it needs them")
	case files && l.WebConfig != "":
		return errors.New("web_config_file: names the certificates, instead of cert_file, key_file and client_ca_file")
	case files && (l.CertFile == "" || l.KeyFile == ""):
		return errors.New("cert_file: tls needs cert_file and key_file")
	}
	if _, err := time.LoadLocation(l.TimeZone); err != nil {
		return fmt.Errorf("time_zone: %w", err)
	}
	return nil
}
