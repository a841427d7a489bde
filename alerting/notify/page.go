package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// Who is notified of what is said by the configuration file or, as long as that
// says nothing, by what was written in the page. The latter is kept in the state
// database, version after version, sealed: it has secrets.

// A Sealer encrypts what a copy of the state database must not tell.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// ErrFile is wrapped by the errors of changes while the configuration file says
// who is notified.
var ErrFile = fmt.Errorf("the configuration file says who is notified, and it is changed there: %w", fault.ErrForbidden)

// A Draft is a configuration that somebody may put in force.
type Draft struct {
	Base   int             // the version of the page's that it began with, whose secrets it may keep; 0 for none
	YAML   string          // Alertmanager's
	Config json.RawMessage // or the same as a JSON object
}

func (d Draft) document() (document, Problems, error) {
	if d.Config != nil {
		doc, err := documentOfJSON(d.Config)
		if err != nil && !errors.Is(err, fault.ErrInvalid) {
			return doc, problemsOf(err), nil
		}
		return doc, nil, err
	}
	doc, err := parseDocument(d.YAML)
	if err != nil {
		return doc, problemsOf(err), nil
	}
	return doc, nil, nil
}

// A Configuration is what says who is notified.
type Configuration struct {
	state.NotificationConfig                 // the page's newest version, or one that was asked for; the zero one if there is none
	File                     string          // the file that says it, for people; "" if the page does
	YAML                     string          // markers in place of secrets
	Config                   json.RawMessage // the same as a JSON object
	Fault                    error           // why the page's is not in force, though nothing else is
}

// show fills in what c says.
func (c *Configuration) show(text string, comments bool) error {
	d, err := parseDocument(text)
	if err != nil {
		return err
	}
	if d, err = d.masked(comments); err != nil {
		return err
	}
	c.YAML = d.text
	c.Config, err = d.json()
	return err
}

// preparePage makes ready what the page says. It never fails for that: alerts
// are seen even while nobody hears of them.
func (m *Manager) preparePage(ctx context.Context) (*plan, error) {
	_, text, err := m.version(ctx, 0)
	if errors.Is(err, fault.ErrNotFound) {
		return m.prepare(Source{})
	}
	var p *plan
	if err == nil {
		p, err = m.prepare(Source{Text: []byte(text), Name: "the notification configuration of the page"})
	}
	if err != nil {
		m.log.Error("nobody is notified: the notification configuration of the page cannot be used", "err", err)
		p, fallback := m.prepare(Source{})
		if p != nil {
			p.fault = err
		}
		return p, fallback
	}
	return p, nil
}

// version returns a version of the page's, 0 for the newest, and what it says.
func (m *Manager) version(ctx context.Context, n int) (state.NotificationConfig, string, error) {
	if m.opts.Sealer == nil {
		return state.NotificationConfig{}, "", fmt.Errorf("no notification configuration is kept: %w", fault.ErrNotFound)
	}
	c, err := m.opts.State.NotificationConfig(ctx, n)
	if err != nil {
		return c, "", err
	}
	text, err := m.opts.Sealer.Open(c.Sealed)
	c.Sealed = nil
	if err != nil {
		return c, "", fmt.Errorf("read version %d of the notification configuration: %w", c.Version, err)
	}
	return c, string(text), nil
}

// Configuration returns what says who is notified.
func (m *Manager) Configuration(ctx context.Context) (c Configuration, err error) {
	kept, text, err := m.version(ctx, 0)
	p := m.newest()
	c = Configuration{NotificationConfig: kept, File: p.file.Name, Fault: p.fault}
	switch {
	case p.file.Text != nil:
		return c, c.show(string(p.file.Text), false)
	case err == nil:
		if err = c.show(text, true); err == nil {
			return c, nil
		}
	}
	if c.Fault != nil || errors.Is(err, fault.ErrNotFound) {
		err = c.show(silent, true)
	}
	return c, err
}

// Version returns a version of the page's configuration; one that is not kept
// wraps fault.ErrNotFound.
func (m *Manager) Version(ctx context.Context, n int) (c Configuration, err error) {
	var text string
	if c.NotificationConfig, text, err = m.version(ctx, n); err != nil {
		return c, err
	}
	return c, c.show(text, true)
}

// A Checked is what there is to know of a draft before it is put in force.
type Checked struct {
	YAML     string          // what the problems' lines are of
	Config   json.RawMessage // nil if it cannot be read
	Problems Problems        // why it would be refused; none of the rest then
	Changes  []Difference    // from what is in force
	Moved    []Moved         // alerts that fire and that others would hear of
	conf     *amconfig.Config
	routes   *dispatch.Route
}

// Routing returns the draft's, as Manager's does.
func (c Checked) Routing() (*amconfig.Config, *dispatch.Route) { return c.conf, c.routes }

// A ready is a draft with what is made of it before it can be in force.
type ready struct {
	written document // with markers
	filled  document
	plan    *plan
}

// ready makes all of a draft that can be made before it is in force. The error
// is not about the draft, whose problems are apart.
func (m *Manager) ready(ctx context.Context, d Draft) (r ready, ps Problems, err error) {
	if r.written, ps, err = d.document(); ps != nil || err != nil {
		return r, ps, err
	}
	var base document
	if d.Base > 0 {
		_, text, err := m.version(ctx, d.Base)
		if err != nil {
			return r, nil, err
		}
		if base, err = parseDocument(text); err != nil {
			return r, nil, err
		}
	}
	old := secretSet{}
	if base.root != nil {
		old = base.secrets()
	}
	var kept []string
	if r.filled, kept, ps = r.written.filled(old); ps != nil {
		return r, ps, nil
	}
	if r.plan, ps = m.problems(r.filled); ps != nil {
		return r, ps, nil
	}
	return r, m.strayed(r, base, kept), nil
}

// Check returns what would come of a draft. Nothing changes.
func (m *Manager) Check(ctx context.Context, d Draft) (c Checked, err error) {
	r, ps, err := m.ready(ctx, d)
	if err != nil {
		return c, err
	}
	c = Checked{YAML: r.written.text, Problems: ps}
	if r.written.root == nil {
		c.YAML = d.YAML
		return c, nil
	}
	if c.Config, err = r.written.json(); err != nil || ps != nil {
		return c, err
	}
	c.conf, c.routes = r.plan.conf, r.plan.routes
	if c.Changes, err = m.changes(ctx, r.filled); err != nil {
		return c, err
	}
	c.Moved = m.moved(r.plan.routes)
	return c, nil
}

// An Edit says who changes the page's configuration, and why.
type Edit struct {
	Author  string
	Message string
}

// Save keeps a draft as the version after its base, and puts it in force. What
// is wrong with it is an error of type Problems; a base that is no longer the
// newest wraps fault.ErrConflict, and nothing is kept then.
func (m *Manager) Save(ctx context.Context, d Draft, e Edit) (state.NotificationConfig, error) {
	r, ps, err := m.ready(ctx, d)
	if err != nil {
		return state.NotificationConfig{}, err
	}
	if ps != nil {
		return state.NotificationConfig{}, ps
	}
	return m.keep(ctx, r.filled.text, d.Base, state.NotificationConfig{Author: e.Author, Message: e.Message})
}

// Restore brings version n back, after the newest, which base must be. Errors are
// as Save's.
func (m *Manager) Restore(ctx context.Context, n, base int, e Edit) (state.NotificationConfig, error) {
	_, text, err := m.version(ctx, n)
	if err != nil {
		return state.NotificationConfig{}, err
	}
	d, err := parseDocument(text)
	if err != nil {
		return state.NotificationConfig{}, err
	}
	if _, ps := m.problems(d); ps != nil {
		return state.NotificationConfig{}, fmt.Errorf("version %d cannot be used any more: %w", n, ps)
	}
	return m.keep(ctx, text, base, state.NotificationConfig{Author: e.Author, Message: e.Message, Restored: n})
}

// keep saves a configuration that was found good, and puts it in force.
func (m *Manager) keep(ctx context.Context, text string, base int, c state.NotificationConfig) (kept state.NotificationConfig, err error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	if m.newest().file.Text != nil {
		return kept, ErrFile
	}
	if m.opts.Sealer == nil {
		return kept, fmt.Errorf("no notification configuration is kept: %w", fault.ErrUnavailable)
	}
	p, err := m.prepare(Source{Text: []byte(text)})
	if err != nil {
		return kept, err
	}
	if c.Sealed, err = m.opts.Sealer.Seal([]byte(text)); err != nil {
		return kept, err
	}
	// What is kept is put in force, even if nobody waits for the answer any more.
	ctx = context.WithoutCancel(ctx)
	c.Message = strings.TrimSpace(c.Message)
	if kept, err = m.opts.State.SaveNotificationConfig(ctx, c, base); err != nil {
		return kept, err
	}
	err = m.put(ctx, p)
	m.metrics.reloaded(err)
	return kept, err
}

// Versions returns the versions of the page's configuration, newest first.
func (m *Manager) Versions(ctx context.Context) ([]state.NotificationConfig, error) {
	return m.opts.State.NotificationConfigs(ctx)
}
