package history

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

// Events is where the history is copied to: the event store. An error means
// that nothing of the batch, which is the store's, was stored.
type Events interface {
	Append(ctx context.Context, b *model.Batch) error
}

// Options are what a History needs.
type Options struct {
	Config         Config
	State          *state.DB
	Events         Events
	ExternalLabels func() labels.Labels  // that notifications add to the alerts of rules; nil for none
	Groups         func() []*rules.Group // those that are evaluated; nil before any is
	Log            *slog.Logger
}

// A History takes down what happens to alerts.
type History struct {
	opts Options
	log  *slog.Logger
	news chan struct{} // holds one when there may be something to copy

	mu    sync.Mutex
	known map[groupKey]map[state.AlertKey]state.AlertState // pending and firing, as in the database
}

// A groupKey tells rule groups apart; the zero groupKey is of the alerts that
// others sent.
type groupKey struct{ file, group string }

// Open returns the History that o.State holds.
func Open(ctx context.Context, o Options) (*History, error) {
	if o.ExternalLabels == nil {
		o.ExternalLabels = labels.EmptyLabels
	}
	h := &History{opts: o, log: o.Log.With("component", "history"), news: make(chan struct{}, 1), known: map[groupKey]map[state.AlertKey]state.AlertState{}}
	states, err := o.State.AlertStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the states of alerts: %w", err)
	}
	for _, s := range states {
		if !s.Until.IsZero() {
			s.Until = time.Now().Add(grace) // its sender may send it again first
		}
		h.keep(s)
	}
	h.Wake()
	return h, nil
}

// keep notes the newest state of an alert. h.mu is held, or not needed yet.
func (h *History) keep(s state.AlertState) {
	g := groupKey{s.File, s.Group}
	if s.State != state.AlertPending && s.State != state.AlertFiring {
		delete(h.known[g], s.AlertKey)
		if len(h.known[g]) == 0 {
			delete(h.known, g)
		}
		return
	}
	if h.known[g] == nil {
		h.known[g] = map[state.AlertKey]state.AlertState{}
	}
	h.known[g][s.AlertKey] = s
}

// Forget drops what is known of a tenant's alerts, whose rules are no more:
// nothing is taken down of their end.
func (h *History) Forget(tenant string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for g, known := range h.known {
		maps.DeleteFunc(known, func(_ state.AlertKey, s state.AlertState) bool { return s.Tenant() == tenant })
		if len(known) == 0 {
			delete(h.known, g)
		}
	}
}

// record writes changes down. What cannot be written is not known either, and
// so is found again. h.mu is held.
func (h *History) record(changes []state.AlertChange) {
	if len(changes) == 0 {
		return
	}
	if err := h.opts.State.RecordChanges(context.Background(), changes...); err != nil {
		h.log.Error("changes of alerts not taken down", "changes", len(changes), "err", err)
		return
	}
	for _, c := range changes {
		h.keep(c.AlertState)
	}
	h.Wake()
}

// Wake has what is new in the database copied soon. It never blocks.
func (h *History) Wake() {
	select {
	case h.news <- struct{}{}:
	default:
	}
}

const (
	sweepInterval = time.Minute
	pruneInterval = time.Hour
	retryPause    = 5 * time.Second // after the event store took nothing

	// grace is how long an alert that others sent lasts after a start: the
	// time that Alertmanager gives it.
	grace = 5 * time.Minute
)

// Run copies, ends what is over and forgets what is old, until ctx ends.
func (h *History) Run(ctx context.Context) error {
	sweep, prune := time.NewTicker(sweepInterval), time.NewTicker(pruneInterval)
	defer sweep.Stop()
	defer prune.Stop()
	h.prune(ctx)
	for {
		select {
		case <-ctx.Done():
			return h.copyRest()
		case <-h.news:
			if err := h.copy(ctx); err != nil && ctx.Err() == nil {
				h.log.Error("history not copied into the event store; trying again", "err", err)
				time.AfterFunc(retryPause, h.Wake)
			}
		case <-sweep.C:
			h.sweep(time.Now())
		case <-prune.C:
			h.prune(ctx)
		}
	}
}

func (h *History) prune(ctx context.Context) {
	before, keep := time.Now().Add(-h.opts.Config.Retention), h.opts.Config.MaxRows
	for _, forget := range []func(context.Context, time.Time, int) error{h.opts.State.PruneAlertChanges, h.opts.State.PruneNotifications} {
		if err := forget(ctx, before, keep); err != nil && ctx.Err() == nil {
			h.log.Error("old history not forgotten", "err", err)
		}
	}
}
