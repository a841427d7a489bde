package notify

import (
	"context"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/nflog"
	amnotify "github.com/prometheus/alertmanager/notify"

	"github.com/oriel-obs/oriel/internal/redact"
	"github.com/oriel-obs/oriel/storage/state"
)

// An attempter is an integration whose every attempt is bounded in time, takes
// its turn among those to the same integration, and is taken down.
type attempter struct {
	queue *queue
	to    *amnotify.Integration
	turns chan struct{} // holds one for each attempt that goes on
}

type notificationKey struct{} // of the context: a state.Notification's ID

// Notify implements amnotify.Notifier. Its ctx is from queue.deliver.
func (a attempter) Notify(ctx context.Context, as ...*amalert.Alert) (retry bool, err error) {
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	case <-ctx.Done():
		return true, ctx.Err()
	}
	try, cancel := context.WithTimeout(ctx, a.queue.config.AttemptTimeout)
	defer cancel()
	begin := time.Now()
	retry, err = a.to.Notify(try, as...)
	if err != nil && ctx.Err() != nil {
		return retry, err // ended by a stop or at the end of its time: no fault of the receiver's
	}
	id, _ := ctx.Value(notificationKey{}).(int64)
	at := state.Attempt{Notification: id, At: begin, Took: time.Since(begin), Status: state.AttemptDelivered}
	var memory []byte
	switch {
	case err != nil && retry:
		at.Status, at.Error = state.AttemptFailed, redact.Addresses(err.Error())
	case err != nil:
		at.Status, at.Error = state.AttemptRefused, redact.Addresses(err.Error())
	default:
		if memory, err = a.remembered(ctx); err != nil {
			a.queue.log.Error("what an integration remembers is lost", "integration", a.to.String(), "err", err)
		}
	}
	a.queue.record(ctx, at, memory)
	if at.Status == state.AttemptDelivered {
		return false, nil
	}
	return retry, err
}

func (a attempter) remembered(ctx context.Context) ([]byte, error) {
	s, ok := amnotify.NflogStore(ctx)
	if !ok {
		return nil, nil
	}
	return memoryIn(s)
}

// withMemory returns a ctx with what the integration remembers of the group,
// which is nothing at the first notification.
func (q *queue) withMemory(ctx context.Context, lane state.Lane, reason amnotify.NotifyReason) (context.Context, error) {
	store := nflog.NewStore(nil)
	if reason != amnotify.ReasonFirstNotification {
		b, err := q.db.Memory(ctx, lane)
		if err != nil {
			return nil, err
		}
		if store, err = newMemory(b); err != nil {
			return nil, err
		}
	}
	return amnotify.WithNflogStore(ctx, store), nil
}
