package notify

import (
	"fmt"
	"log/slog"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	amnotify "github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
)

// A plan is a configuration made ready: everything that can fail has been
// done, and nothing runs yet.
type plan struct {
	conf         *amconfig.Config
	templates    *template.Template
	routes       *dispatch.Route
	receivers    map[string][]amnotify.Integration
	integrations int
	intervals    *timeinterval.Intervener

	file    Source        // the configuration file's, if it is that; else the page's
	fault   error         // why nobody is notified, if the page's cannot be used
	applied chan struct{} // closed when it is in force
}

// newPlan reads templates and builds the receivers that routes lead to.
func newPlan(conf *amconfig.Config, o Options, log *slog.Logger) (*plan, error) {
	tmpl, err := newTemplates(conf.Templates)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	tmpl.ExternalURL = o.ExternalURL

	p := &plan{
		conf:      conf,
		templates: tmpl,
		routes:    dispatch.NewRoute(conf.Route, nil),
		receivers: map[string][]amnotify.Integration{},
	}
	if o.Tenants {
		p.keepApart()
	}
	routed := map[string]bool{}
	p.routes.Walk(func(r *dispatch.Route) { routed[r.RouteOpts.Receiver] = true })
	for _, rc := range conf.Receivers {
		if !routed[rc.Name] {
			continue
		}
		integrations, err := newIntegrations(rc, tmpl, o, log)
		if err != nil {
			return nil, fmt.Errorf("receiver %q: %w", rc.Name, err)
		}
		p.receivers[rc.Name] = integrations
		p.integrations += len(integrations)
	}

	intervals := map[string][]timeinterval.TimeInterval{}
	for _, ti := range conf.MuteTimeIntervals {
		intervals[ti.Name] = ti.TimeIntervals
	}
	for _, ti := range conf.TimeIntervals {
		intervals[ti.Name] = ti.TimeIntervals
	}
	p.intervals = timeinterval.NewIntervener(intervals)
	return p, nil
}
