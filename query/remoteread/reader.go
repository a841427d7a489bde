// Package remoteread answers queries from the store and from the servers that
// remote_read of a Prometheus configuration names, with Prometheus' own client.
// As there, what such a server has no answer to is a warning, and listing labels
// asks the store alone.
package remoteread

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
)

// Store is what is asked first; metric.Store implements it.
type Store interface {
	promstorage.SampleAndChunkQueryable

	// OldestTime is the time of the oldest sample, or of what is left of it, in
	// milliseconds. Servers without read_recent are asked about the time before.
	OldestTime() (int64, error)
}

// A Reader is the store together with the other servers. It is safe for
// concurrent use.
type Reader struct {
	store   Store
	servers atomic.Pointer[[]promstorage.SampleAndChunkQueryable]
}

// New returns a Reader of store and of the servers that c names.
func New(store Store, c *config.Config) (*Reader, error) {
	r := &Reader{store: store}
	return r, r.Apply(c)
}

// Check returns what would keep the servers that c names from being asked.
func Check(c *config.Config) error { return (&Reader{}).Apply(c) }

// Apply has the servers that c names asked from now on, or none of them if one
// cannot be.
func (r *Reader) Apply(c *config.Config) error {
	var servers []promstorage.SampleAndChunkQueryable
	var errs []error
	for i, conf := range c.RemoteReadConfigs {
		if slices.ContainsFunc(c.RemoteReadConfigs[:i], func(o *config.RemoteReadConfig) bool { return reflect.DeepEqual(o, conf) }) {
			errs = append(errs, fmt.Errorf("remote_read from %s: it is there twice", conf.URL.Redacted()))
			continue
		}
		server, err := r.server(strconv.Itoa(i), conf, c.GlobalConfig.ExternalLabels)
		if err != nil {
			errs = append(errs, fmt.Errorf("remote_read from %s: %w", conf.URL.Redacted(), err))
			continue
		}
		servers = append(servers, server)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.servers.Store(&servers)
	return nil
}

// server returns that of conf, whose metrics have the name of conf or, if it
// has none, place.
func (r *Reader) server(place string, conf *config.RemoteReadConfig, external labels.Labels) (promstorage.SampleAndChunkQueryable, error) {
	name := conf.Name
	if name == "" {
		name = place
	}
	client, err := remote.NewReadClient(name, &remote.ClientConfig{
		URL:              conf.URL,
		Timeout:          conf.RemoteTimeout,
		ChunkedReadLimit: conf.ChunkedReadLimit,
		HTTPClientConfig: conf.HTTPClientConfig,
		Headers:          conf.Headers,
	})
	if err != nil {
		return nil, err
	}
	if !conf.FilterExternalLabels {
		external = labels.EmptyLabels()
	}
	var required []*labels.Matcher
	for label, value := range conf.RequiredMatchers {
		required = append(required, labels.MustNewMatcher(labels.MatchEqual, string(label), string(value)))
	}
	return remote.NewSampleAndChunkQueryableClient(client, external, required, conf.ReadRecent, func() (int64, error) { return r.store.OldestTime() }), nil
}

// Elsewhere reports whether answers may be of data that the store does not know
// the changes of.
func (r *Reader) Elsewhere() bool { return len(*r.servers.Load()) > 0 }
