package notify

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/storage/state"
)

// Config is the `notify` section of oriel.yaml: what Oriel does beyond
// Alertmanager to deliver a notification. Who is notified of what is the
// Alertmanager configuration's.
type Config struct {
	RetryFor       time.Duration `yaml:"retry_for"`       // how long a notification is tried before it is given up
	RefusedTries   int           `yaml:"refused_tries"`   // how often, if the receiver refuses it
	RefusedPause   time.Duration `yaml:"refused_pause"`   // between those
	AttemptTimeout time.Duration `yaml:"attempt_timeout"` // of one attempt
	InFlight       int           `yaml:"in_flight"`       // attempts at once for each integration of a receiver
	MaxWaiting     int           `yaml:"max_waiting"`     // notifications that wait, or that were given up
	MaxBytes       int64         `yaml:"max_bytes"`       // of their content
	Sign           []Signature   `yaml:"sign"`            // webhooks whose requests are signed
}

// A Signature says which webhooks are signed, and with what.
type Signature struct {
	Receiver   string            `yaml:"receiver"`    // all webhooks of this receiver
	URL        string            `yaml:"url"`         // or those with this URL, as it is in the Alertmanager configuration
	Secret     promconfig.Secret `yaml:"secret"`      // to sign with
	SecretFile string            `yaml:"secret_file"` // has the secret, read at each request; relative to oriel.yaml
}

// DefaultConfig gives a receiver a day to come back.
func DefaultConfig() Config {
	return Config{
		RetryFor: 24 * time.Hour, RefusedTries: 5, RefusedPause: time.Minute, AttemptTimeout: time.Minute,
		InFlight: 8, MaxWaiting: 10_000, MaxBytes: 256 << 20,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	for _, d := range []struct {
		key string
		v   time.Duration
	}{
		{"retry_for", c.RetryFor},
		{"refused_pause", c.RefusedPause},
		{"attempt_timeout", c.AttemptTimeout},
	} {
		if d.v <= 0 {
			errs = append(errs, fmt.Errorf("%s: %v is not positive", d.key, d.v))
		}
	}
	for _, n := range []struct {
		key string
		v   int64
	}{
		{"refused_tries", int64(c.RefusedTries)},
		{"in_flight", int64(c.InFlight)},
		{"max_waiting", int64(c.MaxWaiting)},
		{"max_bytes", c.MaxBytes},
	} {
		if n.v < 1 {
			errs = append(errs, fmt.Errorf("%s: %d is not positive", n.key, n.v))
		}
	}
	for i, s := range c.Sign {
		if (s.Receiver == "") == (s.URL == "") {
			errs = append(errs, fmt.Errorf("sign[%d]: set one of receiver and url", i))
		}
		if (s.Secret == "") == (s.SecretFile == "") {
			errs = append(errs, fmt.Errorf("sign[%d]: set one of secret and secret_file", i))
		}
	}
	return errors.Join(errs...)
}

func (c Config) limit() state.QueueLimit {
	return state.QueueLimit{Rows: c.MaxWaiting, Bytes: c.MaxBytes}
}

// signature returns the one for a webhook, or nil. One for the URL goes before
// one for the receiver.
func (c Config) signature(receiver, url string) *Signature {
	var found *Signature
	for i := range c.Sign {
		switch s := &c.Sign[i]; {
		case s.URL != "" && s.URL == url:
			return s
		case s.Receiver != "" && s.Receiver == receiver:
			found = s
		}
	}
	return found
}

// key returns the secret.
func (s *Signature) key() ([]byte, error) {
	if s.SecretFile == "" {
		return []byte(s.Secret), nil
	}
	text, err := os.ReadFile(s.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("read the secret to sign with: %w", err)
	}
	return []byte(strings.TrimSpace(string(text))), nil
}
