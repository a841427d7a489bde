package main

import (
	"context"
	"net/http"
	"sync"

	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/seal"
	"github.com/oriel-obs/oriel/query/dashapi"
)

// openDashboards reads the dashboards that are files, and makes ready to ask
// the servers that panels may ask.
func (a *app) openDashboards() (err error) {
	c := a.cfg.Dashboards
	c.Folders = make([]string, len(a.cfg.Dashboards.Folders))
	for i, dir := range a.cfg.Dashboards.Folders {
		c.Folders[i] = a.cfg.relative(dir)
	}
	a.boards = dashapi.NewFiles(c, a.log)
	sources := make([]dashapi.SourceConfig, len(a.cfg.Datasources))
	for i, s := range a.cfg.Datasources {
		if a.cfg.path != "" {
			s.HTTP.SetDirectory(a.cfg.relative("."))
		}
		sources[i] = s
	}
	a.sources, err = dashapi.NewSources(sources, a.log.With("component", "datasources"), promconfig.WithDialContextFunc(a.cfg.Egress.Dial))
	if err != nil {
		return err
	}
	a.sealer = &lateSealer{load: sync.OnceValues(func() (*seal.Key, error) { return seal.Load(a.keyFile()) })}
	return a.sources.Read(context.Background(), a.state, a.sealer)
}

// A lateSealer reads the key, or makes it, when there is something to seal.
type lateSealer struct {
	load func() (*seal.Key, error)
}

func (s *lateSealer) Seal(plain []byte) ([]byte, error) {
	key, err := s.load()
	if err != nil {
		return nil, err
	}
	return key.Seal(plain)
}

func (s *lateSealer) Open(sealed []byte) ([]byte, error) {
	key, err := s.load()
	if err != nil {
		return nil, err
	}
	return key.Open(sealed)
}

func (a *app) dashboards() *dashapi.Handler {
	return dashapi.New(dashapi.Options{
		State: a.state, Files: a.boards, Sources: a.sources,
		User: userName, Sealer: a.sealer, ChangeSources: a.cfg.Auth.Enabled || a.cfg.Web.AdminAPI,
	})
}

// userName signs what people make.
func userName(r *http.Request) string {
	if id := auth.From(r.Context()); id != nil {
		return id.Name
	}
	return "anonymous"
}
