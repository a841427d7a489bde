package main

import (
	"net/http"

	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/internal/auth"
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
	return err
}

func (a *app) dashboards() *dashapi.Handler {
	return dashapi.New(dashapi.Options{
		State: a.state, Files: a.boards, Sources: a.sources,
		User: userName,
	})
}

// userName signs what people make.
func userName(r *http.Request) string {
	if id := auth.From(r.Context()); id != nil {
		return id.Name
	}
	return "anonymous"
}
