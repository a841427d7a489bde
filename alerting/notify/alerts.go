package notify

import (
	"context"
	"strings"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/provider"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
)

// Notify takes the alerts that the rule with expression expr has to tell of.
// It implements rules.NotifyFunc, and waits until Run has begun.
func (m *Manager) Notify(ctx context.Context, expr string, as ...*rules.Alert) {
	if len(as) == 0 {
		return
	}
	now := time.Now()
	link := strings.TrimRight(m.opts.ExternalURL.String(), "/") + alerting.Link(ctx, expr)
	out := make([]*amalert.Alert, 0, len(as))
	for _, a := range as {
		whose := ""
		if m.opts.Tenants {
			whose = a.Labels.Get(auth.TenantLabel)
		}
		out = append(out, &amalert.Alert{
			Alert: promodel.Alert{
				Labels:       m.withExternal(a.Labels),
				Annotations:  setOf(a.Annotations),
				StartsAt:     a.FiredAt,
				EndsAt:       endOf(a),
				GeneratorURL: alerting.In(link, whose),
			},
			UpdatedAt: now,
		})
	}
	if err := m.alerts.Put(ctx, out...); err != nil && ctx.Err() == nil {
		m.log.Error("alerts not taken", "alerts", len(out), "err", err)
	}
}

// endOf is when the alert is over if nobody sends it again.
func endOf(a *rules.Alert) time.Time {
	if a.ResolvedAt.IsZero() {
		return a.ValidUntil
	}
	return a.ResolvedAt
}

// withExternal adds the external labels a rule has not set itself.
func (m *Manager) withExternal(ls labels.Labels) promodel.LabelSet {
	set := setOf(ls)
	m.opts.ExternalLabels().Range(func(l labels.Label) {
		if _, ok := set[promodel.LabelName(l.Name)]; !ok {
			set[promodel.LabelName(l.Name)] = promodel.LabelValue(l.Value)
		}
	})
	return set
}

// setOf leaves out empty values: they are the same as none.
func setOf(ls labels.Labels) promodel.LabelSet {
	set := make(promodel.LabelSet, ls.Len())
	ls.Range(func(l labels.Label) {
		if l.Value != "" {
			set[promodel.LabelName(l.Name)] = promodel.LabelValue(l.Value)
		}
	})
	return set
}

// alerts is Alertmanager's store of alerts for those who need it before it is
// there: the store begins to work when it is made, which is Run's business.
type alerts struct {
	started chan struct{}
	store   provider.Alerts // set before started is closed
}

func newAlerts() *alerts { return &alerts{started: make(chan struct{})} }

func (a *alerts) start(store provider.Alerts) {
	a.store = store
	close(a.started)
}

func (a *alerts) isStarted() bool {
	select {
	case <-a.started:
		return true
	default:
		return false
	}
}

// Put implements provider.Alerts. It waits for the store.
func (a *alerts) Put(ctx context.Context, as ...*amalert.Alert) error {
	select {
	case <-a.started:
		return a.store.Put(ctx, as...)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Get implements provider.Alerts.
func (a *alerts) Get(fp promodel.Fingerprint) (*amalert.Alert, error) {
	if !a.isStarted() {
		return nil, provider.ErrNotFound
	}
	return a.store.Get(fp)
}

// GetPending implements provider.Alerts.
func (a *alerts) GetPending() provider.AlertIterator {
	if !a.isStarted() {
		none := make(chan *provider.Alert)
		close(none)
		return provider.NewAlertIterator(none, make(chan struct{}), nil)
	}
	return a.store.GetPending()
}

// Subscribe implements provider.Alerts. It waits for the store.
func (a *alerts) Subscribe(name string) provider.AlertIterator {
	<-a.started
	return a.store.Subscribe(name)
}

// SlurpAndSubscribe implements provider.Alerts. It waits for the store.
func (a *alerts) SlurpAndSubscribe(name string) ([]*amalert.Alert, provider.AlertIterator) {
	<-a.started
	return a.store.SlurpAndSubscribe(name)
}
