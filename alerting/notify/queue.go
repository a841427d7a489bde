package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/eventrecorder"
	amnotify "github.com/prometheus/alertmanager/notify"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// A queue delivers notifications from the state database, each lane in order,
// until the receiver has them or their time is over.
type queue struct {
	db      *state.DB
	config  Config
	told    func() // called after each attempt; never nil
	log     *slog.Logger
	metrics *queueMetrics
	stock   *amnotify.Metrics // Alertmanager's

	mu      sync.Mutex
	ctx     context.Context // of the senders; nil while none may start
	cancel  context.CancelFunc
	to      map[recipient]*deliverer
	sending map[state.Lane]*sender
	running sync.WaitGroup
}

// A recipient is an integration of a receiver.
type recipient struct {
	receiver    string
	integration string
	index       int
}

func recipientOf(l state.Lane) recipient { return recipient{l.Receiver, l.Integration, l.Index} }

// A deliverer tries an integration until it has a notification.
type deliverer struct {
	amnotify.ResolvedSender
	amnotify.Stage
}

// A sender empties a lane, and ends when it is empty.
type sender struct {
	more bool // since the sender looked last; queue.mu guards it
}

// start sends what waits, and what comes, to the integrations of p, until
// stop.
func (q *queue) start(ctx context.Context, p *plan) {
	to := map[recipient]*deliverer{}
	for receiver, integrations := range p.receivers {
		for i := range integrations {
			in := &integrations[i]
			a := attempter{queue: q, to: in, turns: make(chan struct{}, q.config.InFlight)}
			to[recipient{receiver, in.Name(), in.Index()}] = &deliverer{in, amnotify.NewRetryStage(
				amnotify.NewIntegration(a, in, in.Name(), in.Index(), receiver), receiver, q.stock, eventrecorder.Recorder{})}
		}
	}
	q.metrics.known(to)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.to, q.sending = to, map[state.Lane]*sender{}
	q.ctx, q.cancel = context.WithCancel(ctx)
	sending := q.ctx
	q.running.Go(func() { q.wakeAll(sending) })
}

// wakeAll finds what waits from before.
func (q *queue) wakeAll(ctx context.Context) {
	for {
		lanes, err := q.db.WaitingLanes(ctx)
		if err == nil {
			for _, l := range lanes {
				q.wake(l)
			}
			return
		}
		if ctx.Err() == nil {
			q.log.Error("find waiting notifications", "err", err)
		}
		if !pause(ctx, storagePause) {
			return
		}
	}
}

// stop ends the senders; what waits goes on waiting.
func (q *queue) stop() {
	q.mu.Lock()
	if q.ctx == nil {
		q.mu.Unlock()
		return
	}
	q.cancel()
	q.ctx = nil
	q.mu.Unlock()
	q.running.Wait()
}

// wake sees to it that what waits in lane is sent. It never blocks.
func (q *queue) wake(l state.Lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx == nil {
		return // start will find it
	}
	if s, ok := q.sending[l]; ok {
		s.more = true
		return
	}
	s := &sender{}
	q.sending[l] = s
	ctx, to := q.ctx, q.to[recipientOf(l)]
	q.running.Go(func() { q.send(ctx, l, s, to) })
}

// asleep reports whether the sender of an empty lane may end, and forgets it
// then.
func (q *queue) asleep(l state.Lane, s *sender) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.more {
		s.more = false
		return false
	}
	delete(q.sending, l)
	return true
}

// storagePause is between two attempts of the database's.
const storagePause = time.Second

// send delivers what waits in l, one by one, until nothing does or ctx ends.
// A nil to is that of an integration which is no longer configured.
func (q *queue) send(ctx context.Context, l state.Lane, s *sender, to *deliverer) {
	for ctx.Err() == nil {
		n, err := q.db.NextNotification(ctx, l)
		switch {
		case errors.Is(err, fault.ErrNotFound):
			if q.asleep(l, s) {
				return
			}
			continue
		case err == nil && to == nil:
			err = q.bury(ctx, n, "the receiver has no such integration any more")
		case err == nil:
			err = q.deliver(ctx, n, to)
		}
		if err != nil && ctx.Err() == nil {
			q.log.Error("queue of notifications", "receiver", l.Receiver, "integration", l.Integration, "err", err)
			pause(ctx, storagePause)
		}
	}
}

// deliver tries n until it is delivered, given up, or ctx ends. Errors are the
// database's.
func (q *queue) deliver(ctx context.Context, n state.Notification, to *deliverer) error {
	c, err := decodeContent(n.Content)
	if err != nil {
		return q.bury(ctx, n, err.Error())
	}
	if len(c.Firing) == 0 && !to.SendResolved() { // it was set so since
		return errors.Join(q.db.Bury(ctx, n.ID, "send_resolved is false", q.config.limit()), q.db.Discard(ctx, n.ID))
	}
	trying, cancel := context.WithDeadline(c.context(ctx, n.Receiver, n.GroupKey), n.Since.Add(q.config.RetryFor))
	defer cancel()
	if trying, err = q.withMemory(trying, n.Lane, c.Reason); err != nil {
		return err
	}
	trying = context.WithValue(trying, notificationKey{}, n.ID)
	for refused := n.Refused; ; {
		// It tries again by itself, unless the receiver refuses.
		_, _, err := to.Exec(trying, q.log, c.Alerts...)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return nil
		case trying.Err() != nil:
			return q.bury(ctx, n, "")
		}
		if refused++; refused >= q.config.RefusedTries {
			return q.bury(ctx, n, "")
		}
		pause(trying, q.config.RefusedPause)
	}
}

func (q *queue) bury(ctx context.Context, n state.Notification, reason string) error {
	if err := q.db.Bury(ctx, n.ID, reason, q.config.limit()); err != nil {
		return err
	}
	q.metrics.dead.WithLabelValues(n.Receiver, n.Integration).Inc()
	q.log.Error("notification given up; it can be tried again", "receiver", n.Receiver, "integration", n.Integration, "group", n.GroupKey, "id", n.ID)
	return nil
}

// record takes an attempt down. One that has delivered must be, or it would be
// made again; so it insists until ctx ends.
func (q *queue) record(ctx context.Context, a state.Attempt, memory []byte) {
	for {
		err := q.db.AddAttempt(context.WithoutCancel(ctx), a, memory)
		if err == nil || errors.Is(err, fault.ErrNotFound) {
			break
		}
		q.log.Error("attempt to deliver not taken down", "status", a.Status, "err", err)
		if a.Status != state.AttemptDelivered || !pause(ctx, storagePause) {
			break
		}
	}
	q.told()
}

// pause reports whether d has passed before the end of ctx.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
