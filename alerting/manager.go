package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	promstorage "github.com/prometheus/prometheus/storage"
)

// Settings are what a reload replaces.
type Settings struct {
	// Files are globs of rule files, resolved against the configuration's
	// folder. A path without wildcards must exist.
	Files []string

	ExternalLabels labels.Labels // for templates
	Config         Config        // only its interval and its offset change at a reload
}

// Options are what a Manager needs.
type Options struct {
	Settings

	Query      rules.QueryFunc        // required
	Appendable promstorage.Appendable // takes recorded series, ALERTS and ALERTS_FOR_STATE; required
	Queryable  promstorage.Queryable  // where the state of pending alerts is restored from; required
	Notify     rules.NotifyFunc       // nil tells nobody

	ExternalURL *url.URL      // of Oriel, for templates; nil is the empty URL
	Parser      parser.Parser // nil is PromQL without its experimental parts
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}

// A Manager holds the rule groups and evaluates them while it runs.
type Manager struct {
	opts Options

	mu       sync.Mutex // serialises reloads
	settings Settings   // the newest, as are its files
	files    ruleFiles

	queryOffset atomic.Int64                  // of settings, for groups that evaluate meanwhile
	running     atomic.Pointer[rules.Manager] // nil before Run
}

// New reads the rule files; an error joins every fault, a line each, that wraps
// fault.ErrInvalid. Evaluation waits for Run.
func New(o Options) (*Manager, error) {
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{}
	}
	if o.Notify == nil {
		o.Notify = func(context.Context, string, ...*rules.Alert) {}
	}
	o.Parser = parserOr(o.Parser)
	o.Log = o.Log.With("component", "rules")
	m := &Manager{opts: o}
	if err := m.Reload(o.Settings); err != nil {
		return nil, err
	}
	return m, nil
}

// Reload replaces the rules by those of s, all or, with an error as New's,
// none. Groups that did not change keep their state and their rhythm.
func (m *Manager) Reload(s Settings) error {
	if err := s.Config.Validate(); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	files, errs := readFiles(s.Files, m.opts.Parser)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings, m.files = s, files
	m.queryOffset.Store(int64(s.Config.QueryOffset))
	if mgr := m.running.Load(); mgr != nil {
		return m.update(mgr)
	}
	return nil
}

// update hands m.files to the rule manager. m.mu is held.
func (m *Manager) update(mgr *rules.Manager) error {
	err := mgr.Update(m.settings.Config.EvaluationInterval, m.files.paths(), m.settings.ExternalLabels, m.externalURL(), nil)
	if err != nil {
		return fmt.Errorf("load rules: %w", err)
	}
	return nil
}

func (m *Manager) externalURL() string { return strings.TrimRight(m.opts.ExternalURL.String(), "/") }

// Run evaluates the rules until ctx ends. It is called once.
func (m *Manager) Run(ctx context.Context) error {
	mgr := rules.NewManager(&rules.ManagerOptions{
		Context:                ctx,
		ExternalURL:            m.opts.ExternalURL,
		QueryFunc:              m.opts.Query,
		NotifyFunc:             m.opts.Notify,
		Appendable:             m.opts.Appendable,
		Queryable:              m.opts.Queryable,
		Logger:                 m.opts.Log,
		Registerer:             m.opts.Registerer,
		OutageTolerance:        m.opts.Config.OutageTolerance,
		ForGracePeriod:         m.opts.Config.ForGracePeriod,
		ResendDelay:            m.opts.Config.ResendDelay,
		DefaultRuleQueryOffset: func() time.Duration { return time.Duration(m.queryOffset.Load()) },
		GroupLoader:            loader{m},
		Parser:                 m.opts.Parser,
	})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		mgr.Run()
	}()
	defer func() {
		mgr.Stop()
		<-stopped
	}()
	if err := m.start(mgr); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (m *Manager) start(mgr *rules.Manager) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running.Store(mgr)
	return m.update(mgr)
}

// A loader gives the rule manager the files as they were read and found good,
// whatever has happened to them since. It is called from within update only.
type loader struct{ m *Manager }

// Load implements rules.GroupLoader.
func (l loader) Load(path string, _ bool, _ promodel.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	return l.m.files[path], nil
}

// Parse implements rules.GroupLoader.
func (l loader) Parse(query string) (parser.Expr, error) { return l.m.opts.Parser.ParseExpr(query) }

// RuleGroups returns the groups being evaluated, sorted by file and name. It
// implements RulesRetriever of Prometheus' web API.
func (m *Manager) RuleGroups() []*rules.Group {
	if mgr := m.running.Load(); mgr != nil {
		return mgr.RuleGroups()
	}
	return nil
}

// AlertingRules returns the alerting rules of all groups. It implements
// RulesRetriever of Prometheus' web API.
func (m *Manager) AlertingRules() []*rules.AlertingRule {
	if mgr := m.running.Load(); mgr != nil {
		return mgr.AlertingRules()
	}
	return nil
}
