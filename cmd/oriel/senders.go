package main

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest/datadog"
	"github.com/oriel-obs/oriel/ingest/graphite"
	"github.com/oriel-obs/oriel/ingest/influx"
	"github.com/oriel-obs/oriel/ingest/namemap"
	"github.com/oriel-obs/oriel/ingest/pushgateway"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/ingest/statsd"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/internal/lines"
)

// senderPorts are the sockets of senders of metrics that do not speak HTTP;
// nil for none.
type senderPorts struct{ graphite, statsd *lines.Sockets }

// senders receive metrics in other shapes than Prometheus'. Those of ports
// that are not open are nil.
type senders struct {
	graphite    *graphite.Server
	statsd      *statsd.Server
	pushgateway *pushgateway.Gateway
}

// openSenderPorts opens the sockets that are configured.
func (a *app) openSenderPorts() (err error) {
	if addr := a.cfg.Ingest.Graphite.Listen; addr != "" {
		if a.senderPorts.graphite, err = lines.Listen(addr, ""); err != nil {
			return listenError(err, "ingest.graphite.listen")
		}
		if err := a.encrypt(a.senderPorts.graphite, "ingest.graphite", a.cfg.Ingest.Graphite.WebConfig); err != nil {
			return err
		}
	}
	if c := a.cfg.Ingest.StatsD; c.Listen != "" || c.Unixgram != "" {
		if a.senderPorts.statsd, err = lines.Listen(c.Listen, a.cfg.relative(c.Unixgram)); err != nil {
			return listenError(err, "ingest.statsd.listen or unixgram")
		}
		if err := a.encrypt(a.senderPorts.statsd, "ingest.statsd", c.WebConfig); err != nil {
			return err
		}
	}
	return nil
}

// encrypt gives the connections of s TLS, if the section names a file for it.
func (a *app) encrypt(s *lines.Sockets, section, file string) error {
	if file == "" {
		return nil
	}
	if err := s.Encrypt(a.cfg.relative(file)); err != nil {
		return &usageError{fmt.Errorf("%s.web_config_file: %w", section, err)}
	}
	return nil
}

// all returns the open sockets.
func (p senderPorts) all() []*lines.Sockets {
	var out []*lines.Sockets
	for _, s := range []*lines.Sockets{p.graphite, p.statsd} {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// addrs returns the addresses that other machines may reach.
func (p senderPorts) addrs() []string {
	var out []string
	for _, s := range p.all() {
		for _, addr := range s.Addrs() {
			if _, unix := addr.(*net.UnixAddr); !unix {
				out = append(out, addr.String())
			}
		}
	}
	return out
}

// openSenders builds the receivers.
func (a *app) openSenders() (err error) {
	o := a.sampleOptions()
	if s := a.senderPorts.graphite; s != nil {
		c := a.cfg.Ingest.Graphite
		c.MappingFile = a.cfg.relative(c.MappingFile)
		if a.graphite, err = graphite.New(s, c, o); err != nil {
			return &usageError{err}
		}
	}
	if s := a.senderPorts.statsd; s != nil {
		c := a.cfg.Ingest.StatsD
		c.MappingFile = a.cfg.relative(c.MappingFile)
		if a.statsd, err = statsd.New(s, c, o); err != nil {
			return &usageError{err}
		}
	}
	a.pushgateway, err = pushgateway.Open(pushgateway.Options{
		Samples: o, Config: a.cfg.Ingest.Pushgateway, Dir: filepath.Join(a.flags.DataDir, "pushgateway"),
		Admin: a.cfg.Web.AdminAPI, Log: a.log.With("component", "pushgateway"),
	})
	return err
}

// sampleOptions is what those receivers share.
func (a *app) sampleOptions() samples.Options {
	return samples.Options{Store: a.samples, Refs: a.metrics.Refs, Limits: a.cfg.Limits, Account: a.account}
}

// mountSenders adds the protocols over HTTP that bring metrics.
func (a *app) mountSenders(r chi.Router) {
	influx.New(a.sampleOptions(), a.cfg.Ingest.Influx).Mount(r)
	datadog.NewMetrics(a.sampleOptions()).Mount(r)
	r.Route("/pushgateway", a.pushgateway.Mount)
}

func (a *app) senderComponents() []lifecycle.Component {
	out := []lifecycle.Component{{Name: "pushed groups", Run: a.pushgateway.Run}}
	if s := a.graphite; s != nil {
		out = append(out, lifecycle.Component{Name: "graphite listener", Run: s.Run})
	}
	if s := a.statsd; s != nil {
		out = append(out, lifecycle.Component{Name: "statsd listener", Run: s.Run})
	}
	return out
}

// checkMappings reads the mapping files that are configured.
func (c *config) checkMappings() error {
	var errs []error
	for key, file := range map[string]string{"ingest.graphite.": c.Ingest.Graphite.MappingFile, "ingest.statsd.": c.Ingest.StatsD.MappingFile} {
		if _, err := namemap.Load(c.relative(file)); err != nil {
			errs = append(errs, errors.New(key+strings.ReplaceAll(err.Error(), "\n", " ")))
		}
	}
	return errors.Join(errs...)
}
