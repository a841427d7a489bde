package jaeger

import (
	"errors"
	"fmt"
	"net"
)

// Config is the `ingest.jaeger` section of oriel.yaml: ports besides the HTTP
// one, each an address, or empty for none.
type Config struct {
	GRPCListen    string `yaml:"grpc_listen"`    // of the collector, Jaeger's 14250
	CompactListen string `yaml:"compact_listen"` // UDP, thrift's compact protocol, Jaeger's 6831
	BinaryListen  string `yaml:"binary_listen"`  // UDP, thrift's binary protocol, Jaeger's 6832
}

// Compat fills in Jaeger's own ports on this machine where c has none.
func (c Config) Compat() Config {
	for _, p := range []struct {
		addr *string
		own  string
	}{{&c.GRPCListen, "127.0.0.1:14250"}, {&c.CompactListen, "127.0.0.1:6831"}, {&c.BinaryListen, "127.0.0.1:6832"}} {
		if *p.addr == "" {
			*p.addr = p.own
		}
	}
	return c
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	for _, p := range []struct{ key, addr string }{
		{"grpc_listen", c.GRPCListen}, {"compact_listen", c.CompactListen}, {"binary_listen", c.BinaryListen},
	} {
		if p.addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(p.addr); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.key, err))
		}
	}
	return errors.Join(errs...)
}
