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
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/filewatch"
)

// Settings are what a reload replaces.
type Settings struct {
	// Files are globs of rule files, resolved against the configuration's
	// folder. A path without wildcards must exist.
	Files []string

	// Tenants are globs of the rule files of tenants, by name; "" is the default
	// one's. What these rules read, record and alert of is that tenant's alone,
	// while those of Files are the operator's and see everything. Nil while
	// tenants are off.
	Tenants map[string][]string

	// BuiltIn are rule files that Oriel brings along, by the name they are
	// shown with.
	BuiltIn map[string]string

	ExternalLabels labels.Labels // for templates
	Config         Config        // only its interval and its offset change at a reload
}

// Options are what a Manager needs.
type Options struct {
	Settings
	Engines

	Appendable promstorage.Appendable // takes recorded series, ALERTS and ALERTS_FOR_STATE; required
	Queryable  promstorage.Queryable  // where the state of pending alerts is restored from; required
	Notify     rules.NotifyFunc       // nil tells nobody
	// Evaluated is called after each evaluation of a group; nil for nobody.
	Evaluated func(*rules.Group, time.Time)

	// Bear returns the context of an evaluation, which ends before done is called
	// if it must not go on; the context's cause says why. Nil ends none.
	Bear func(context.Context) (_ context.Context, done func())

	ExternalURL *url.URL      // of Oriel, for templates; nil is the empty URL
	Parser      parser.Parser // nil is PromQL without its experimental parts
	Registerer  prometheus.Registerer
	Log         *slog.Logger
}

// A Manager holds the rule groups and evaluates them while it runs.
type Manager struct {
	opts    Options
	metrics *metrics

	reloading sync.Mutex // held by the one reload that is going on

	mu       sync.Mutex
	settings Settings // the newest, as are its files
	files    ruleFiles
	looked   string // how the files looked before they were read last

	// For groups that evaluate meanwhile:
	queryOffset atomic.Int64                       // of settings
	subjects    atomic.Pointer[map[string]Subject] // of files

	running atomic.Pointer[rules.Manager] // nil before Run
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
	if o.Bear == nil {
		o.Bear = func(ctx context.Context) (context.Context, func()) { return ctx, func() {} }
	}
	o.Parser = parserOr(o.Parser)
	o.Log = o.Log.With("component", "rules")
	m := &Manager{opts: o, metrics: newMetrics()}
	if err := m.Reload(o.Settings); err != nil {
		return nil, err
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(m.metrics.loaded)
	}
	return m, nil
}

// Reload replaces the rules by those of s, all or, with an error as New's,
// none. Groups that did not change keep their state and their rhythm.
func (m *Manager) Reload(s Settings) error {
	m.reloading.Lock()
	defer m.reloading.Unlock()
	return m.load(s)
}

// load is Reload. m.reloading is held.
func (m *Manager) load(s Settings) (err error) {
	defer func() { m.metrics.note(err) }()
	if err := s.Config.Validate(); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	looked := filewatch.Look(s.globs())
	files, errs := readFiles(s.Files, m.opts.Parser)
	if len(errs) == 0 {
		errs = files.addTenants(s.Tenants, m.opts.Parser)
	}
	if len(errs) == 0 {
		errs = files.addBuiltIn(s.BuiltIn, m.opts.Parser)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings, m.files, m.looked = s, files, looked
	m.queryOffset.Store(int64(s.Config.QueryOffset))
	subjects := files.subjects()
	m.subjects.Store(&subjects)
	if mgr := m.running.Load(); mgr != nil {
		return m.update(mgr)
	}
	return nil
}

// update hands m.files to the rule manager. m.mu is held.
func (m *Manager) update(mgr *rules.Manager) error {
	err := mgr.Update(m.settings.Config.EvaluationInterval, m.files.paths(), m.settings.ExternalLabels, m.externalURL(), m.iterate)
	if err != nil {
		return fmt.Errorf("load rules: %w", err)
	}
	return nil
}

func (m *Manager) externalURL() string { return strings.TrimRight(m.opts.ExternalURL.String(), "/") }

// Run evaluates the rules until ctx ends. It is called once.
func (m *Manager) Run(ctx context.Context) error {
	mgr := m.ruleManager(ctx)
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
	m.watch(ctx)
	return nil
}

func (m *Manager) start(mgr *rules.Manager) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running.Store(mgr)
	return m.update(mgr)
}

// ruleManager returns a manager of the rules that has none yet.
func (m *Manager) ruleManager(ctx context.Context) *rules.Manager {
	o := &rules.ManagerOptions{
		Context:                ctx,
		ExternalURL:            m.opts.ExternalURL,
		QueryFunc:              m.query,
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
	}
	mgr := rules.NewManager(o)
	o.RuleDependencyController = dependencies{o.RuleDependencyController} // which NewManager has set
	return mgr
}

// query implements rules.QueryFunc.
func (m *Manager) query(ctx context.Context, text string, t time.Time) (promql.Vector, error) {
	ctx, done := m.opts.Bear(ctx)
	defer done()
	v, err := m.opts.query(ctx, text, t)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", cause, err) // an engine only sees that it is to stop
	}
	return v, err
}

// iterate evaluates a group as prometheus/rules does, with what it is about.
func (m *Manager) iterate(ctx context.Context, g *rules.Group, t time.Time) {
	rules.DefaultEvalIterationFunc(m.subject(g).With(ctx), g, t)
	if m.opts.Evaluated != nil {
		m.opts.Evaluated(g, t)
	}
}

func (m *Manager) subject(g *rules.Group) Subject {
	return (*m.subjects.Load())[rules.GroupKey(g.File(), g.Name())]
}

// Signal returns what a group's rules look at, or "" for metrics.
func (m *Manager) Signal(file, group string) string {
	if s := (*m.subjects.Load())[rules.GroupKey(file, group)].Signal; s != Metrics {
		return string(s)
	}
	return ""
}

// A Group is a rule group that evaluates when it is told to.
type Group struct {
	*rules.Group
	subject Subject
}

// Eval evaluates the rules as at t. The health of each rule tells of faults.
func (g Group) Eval(ctx context.Context, t time.Time) { g.Group.Eval(g.subject.With(ctx), t) }

// LoadGroups returns the groups of o's files in the order of the files, for
// tests of rules: nothing evaluates them but their caller. Errors are New's.
func LoadGroups(ctx context.Context, o Options) ([]Group, error) {
	m, err := New(o)
	if err != nil {
		return nil, err
	}
	loaded, errs := m.ruleManager(ctx).LoadGroups(o.Config.EvaluationInterval, o.ExternalLabels, m.externalURL(), nil, false, m.files.paths()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var out []Group
	for _, path := range m.files.paths() {
		for _, g := range m.files[path].groups {
			group := loaded[rules.GroupKey(path, g.Name)]
			out = append(out, Group{group, m.subject(group)})
		}
	}
	return out, nil
}

// A loader gives the rule manager the files as they were read and found good,
// whatever has happened to them since. It is called from within update only.
type loader struct{ m *Manager }

// Load implements rules.GroupLoader.
func (l loader) Load(path string, _ bool, _ promodel.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	return l.m.files[path].marked(), nil
}

// Parse implements rules.GroupLoader.
func (l loader) Parse(query string) (parser.Expr, error) {
	return parseMarked(query, l.m.opts.Parser)
}

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
