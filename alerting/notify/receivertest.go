package notify

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/nflog"
	amnotify "github.com/prometheus/alertmanager/notify"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Routing returns the configuration in force and its tree of routes, both for
// reading only.
func (m *Manager) Routing() (*amconfig.Config, *dispatch.Route) {
	p := m.newest()
	return p.conf, p.routes
}

// A TestResult is what came of a test notification.
type TestResult struct {
	Integration string // its kind and index, "webhook[0]"
	Took        time.Duration
	Err         error
}

// Test sends an alert to every integration of a receiver, whether routes lead
// there or not: at once, once, and past silences, queue and history. An unknown
// receiver wraps fault.ErrNotFound.
func (m *Manager) Test(ctx context.Context, receiver string, labels, annotations promodel.LabelSet) ([]TestResult, error) {
	return m.test(ctx, m.newest(), receiver, labels, annotations)
}

// TestDraft is Test of a receiver that a draft has. What is wrong with the draft
// is an error of type Problems.
func (m *Manager) TestDraft(ctx context.Context, d Draft, receiver string, labels, annotations promodel.LabelSet) ([]TestResult, error) {
	r, ps, err := m.ready(ctx, d)
	if err != nil {
		return nil, err
	}
	if ps != nil {
		return nil, ps
	}
	return m.test(ctx, r.plan, receiver, labels, annotations)
}

func (m *Manager) test(ctx context.Context, p *plan, receiver string, labels, annotations promodel.LabelSet) ([]TestResult, error) {
	i := slices.IndexFunc(p.conf.Receivers, func(r amconfig.Receiver) bool { return r.Name == receiver })
	if i < 0 {
		return nil, fmt.Errorf("receiver %.100q: %w", receiver, fault.ErrNotFound)
	}
	integrations, err := newIntegrations(p.conf.Receivers[i], p.templates, m.opts, m.log)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.opts.Config.AttemptTimeout)
	defer cancel()
	now := time.Now()
	alert := &amalert.Alert{UpdatedAt: now, Alert: promodel.Alert{
		Labels: labels, Annotations: annotations, StartsAt: now, GeneratorURL: m.opts.ExternalURL.String(),
	}}
	group := promodel.LabelSet{promodel.AlertNameLabel: labels[promodel.AlertNameLabel]}
	ctx = content{Now: now, GroupLabels: group, Reason: amnotify.ReasonFirstNotification}.context(ctx, receiver, "test:"+group.String())
	out := make([]TestResult, len(integrations))
	var wg sync.WaitGroup
	for i := range integrations {
		wg.Go(func() {
			in := &integrations[i]
			begin := time.Now()
			_, err := in.Notify(amnotify.WithNflogStore(ctx, nflog.NewStore(nil)), alert)
			out[i] = TestResult{Integration: in.String(), Took: time.Since(begin), Err: err}
		})
	}
	wg.Wait()
	return out, nil
}

// Retry has a notification that was given up tried again; one that was not
// wraps fault.ErrNotFound.
func (m *Manager) Retry(ctx context.Context, id int64) error {
	lane, err := m.opts.State.Revive(ctx, id)
	if err != nil {
		return err
	}
	m.queue.wake(lane)
	return nil
}
