package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"sync"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/provider/mem"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// acks are the acknowledgements of alerts.
type acks struct {
	db      *state.DB
	changed func() // called after each change; never nil

	mu   sync.Mutex
	acks map[string]state.Acknowledgement // by fingerprint, as in db
}

func openAcks(ctx context.Context, db *state.DB, changed func()) (*acks, error) {
	a := &acks{db: db, changed: changed, acks: map[string]state.Acknowledgement{}}
	all, err := db.Acknowledgements(ctx)
	if err != nil {
		return nil, fmt.Errorf("acknowledgements: %w", err)
	}
	for _, one := range all {
		a.acks[one.Fingerprint] = one
	}
	return a, nil
}

// Acknowledgements returns those there are, by fingerprint.
func (m *Manager) Acknowledgements() map[string]state.Acknowledgement {
	m.acks.mu.Lock()
	defer m.acks.mu.Unlock()
	return maps.Clone(m.acks.acks)
}

// Acknowledge notes that somebody has seen to an alert that fires; it replaces
// what was noted before. An alert that does not fire wraps fault.ErrNotFound.
func (m *Manager) Acknowledge(ctx context.Context, a state.Acknowledgement) error {
	alert, err := m.Firing(a.Fingerprint)
	if err != nil {
		return err
	}
	a.At = time.Now()
	m.acks.mu.Lock()
	defer m.acks.mu.Unlock()
	if err := m.acks.db.Acknowledge(ctx, a, Change(alert, state.AlertAcknowledged, a.Owner, a.Comment)); err != nil {
		return err
	}
	m.acks.acks[a.Fingerprint] = a
	m.acks.changed()
	return nil
}

// Unacknowledge takes an acknowledgement back; one that is not there wraps
// fault.ErrNotFound.
func (m *Manager) Unacknowledge(ctx context.Context, fingerprint, author string) error {
	alert, err := m.Firing(fingerprint)
	if err != nil {
		return err
	}
	return m.acks.drop(ctx, fingerprint, Change(alert, state.AlertUnacknowledged, author, ""))
}

func (a *acks) drop(ctx context.Context, fingerprint string, changes ...state.AlertChange) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.db.Unacknowledge(ctx, fingerprint, changes...); err != nil {
		return err
	}
	delete(a.acks, fingerprint)
	a.changed()
	return nil
}

// has needs a.mu.
func (a *acks) has(fingerprint string) bool {
	_, ok := a.acks[fingerprint]
	return ok
}

func (a *acks) is(fingerprint string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.has(fingerprint)
}

// Firing returns an alert that fires; another wraps fault.ErrNotFound.
func (m *Manager) Firing(fingerprint string) (*amalert.Alert, error) {
	fp, err := promodel.ParseFingerprint(fingerprint)
	if err != nil {
		return nil, fmt.Errorf("%.40q is no fingerprint, which have 16 hex digits: %w", fingerprint, fault.ErrInvalid)
	}
	a, err := m.alerts.Get(fp)
	if err != nil || a.Resolved() {
		return nil, fmt.Errorf("no alert %s fires: %w", fp, fault.ErrNotFound)
	}
	return a, nil
}

// Change is what somebody does about an alert, for the history.
func Change(a *amalert.Alert, what, author, comment string) state.AlertChange {
	return state.AlertChange{At: time.Now(), Value: math.NaN(), Author: author, Comment: comment, AlertState: state.AlertState{
		AlertKey: state.AlertKey{Rule: a.Name(), Fingerprint: a.Fingerprint().String()},
		State:    what, Labels: texts(a.Labels), Annotations: texts(a.Annotations),
	}}
}

func texts(set promodel.LabelSet) map[string]string {
	out := make(map[string]string, len(set))
	for k, v := range set {
		out[string(k)] = string(v)
	}
	return out
}

// sweepAcks drops acknowledgements of alerts that are over.
func (m *Manager) sweepAcks(ctx context.Context) error {
	var errs []error
	for fp := range m.Acknowledgements() {
		if _, err := m.Firing(fp); err == nil {
			continue
		}
		if err := m.acks.drop(ctx, fp); !errors.Is(err, fault.ErrNotFound) { // its end was told meanwhile
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// An ackWatch is a callback of the store of alerts that drops the
// acknowledgement of an alert when its end is told.
type ackWatch struct {
	mem.AlertStoreCallback
	acks *acks
	log  *slog.Logger
}

// PostStore implements mem.AlertStoreCallback.
func (w ackWatch) PostStore(a *amalert.Alert, existing bool) {
	w.AlertStoreCallback.PostStore(a, existing)
	fp := a.Fingerprint().String()
	if !a.Resolved() || !w.acks.is(fp) {
		return
	}
	if err := w.acks.drop(context.Background(), fp); err != nil {
		w.log.Error("acknowledgement of an alert that is over not dropped", "alert", fp, "err", err)
	}
}

// hush reports whether somebody has seen to every alert of a notification that
// fires, and wants to hear no more of them until they end.
func (a *acks) hush(as []*amalert.Alert) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, alert := range as {
		if !alert.Resolved() && !a.acks[alert.Fingerprint().String()].Quiet {
			return false
		}
	}
	return true
}
