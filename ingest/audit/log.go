package audit

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/state"
)

// Refusals come as often as strangers like. Those beyond a rate are kept as a
// number.
const (
	refusalsPerSecond = 5
	refusalBurst      = 200
)

// copyInterval is how long a record of another process, an offline command,
// may wait for the event store.
const copyInterval = 5 * time.Second

// copyRows bounds the records that are copied at once.
const copyRows = 500

// restTimeout bounds the copying when the process stops.
const restTimeout = 5 * time.Second

// A Source reads the event store.
type Source interface {
	// Scan is as query.EventSource's.
	Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error]
}

// Options say what a Log stands on. All are required but Events and Source,
// without which records wait in the state database: so offline commands have
// it.
type Options struct {
	State      *state.DB
	Events     ingest.EventWriter
	Source     Source
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// A Log is an auth.Recorder that keeps events as a chain. Its methods may be
// called from any goroutine.
type Log struct {
	opts    Options
	refused *rate.Limiter
	wake    chan struct{} // there is something to copy
	records prometheus.Counter
	lost    prometheus.Counter

	mu      sync.Mutex
	dropped map[string]int // refusals not kept one by one, by action
}

// New returns a Log. Run copies what it records to the event store.
func New(opts Options) *Log {
	l := &Log{
		opts: opts, refused: rate.NewLimiter(refusalsPerSecond, refusalBurst), wake: make(chan struct{}, 1), dropped: map[string]int{},
		records: prometheus.NewCounter(prometheus.CounterOpts{Name: "oriel_audit_records_total", Help: "Records added to the audit log."}),
		lost:    prometheus.NewCounter(prometheus.CounterOpts{Name: "oriel_audit_lost_total", Help: "Events that could not be added to the audit log."}),
	}
	opts.Registerer.MustRegister(l.records, l.lost)
	return l
}

// Record implements auth.Recorder.
func (l *Log) Record(ctx context.Context, e auth.Event) {
	if e.Result == auth.Refused && !l.refused.Allow() {
		l.mu.Lock()
		if _, known := l.dropped[e.Action]; known || len(l.dropped) < 100 {
			l.dropped[e.Action]++
		}
		l.mu.Unlock()
		return
	}
	l.keep(ctx, e)
}

func (l *Log) keep(ctx context.Context, e auth.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	// A client that leaves before the answer has done what it has done.
	err := l.opts.State.ExtendAudit(context.WithoutCancel(ctx), e.Time, func(seq int64, prev string) (string, error) { return encode(e, seq, prev) })
	if err != nil {
		l.lost.Inc()
		l.opts.Log.Error("an event is missing in the audit log", "action", e.Action, "who", e.Who, "target", e.Target, "result", string(e.Result), "err", err)
		return
	}
	l.records.Inc()
	select {
	case l.wake <- struct{}{}:
	default: // it will see this one too
	}
}

// Run copies records to the event store until ctx ends and the rest is there.
func (l *Log) Run(ctx context.Context) error {
	if err := l.settle(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("see what the event store has of the audit log: %w", err)
	}
	tick := time.NewTicker(copyInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), restTimeout)
			defer cancel()
			l.keepDropped(rest)
			if err := l.copy(rest); err != nil {
				return fmt.Errorf("copy the audit log: %w", err) // the rest is copied at the next start
			}
			return nil
		case <-tick.C:
			l.keepDropped(ctx)
		case <-l.wake:
		}
		if err := l.copy(ctx); err != nil && ctx.Err() == nil {
			l.opts.Log.Warn("the audit log waits for the event store", "err", err)
		}
	}
}

// keepDropped makes a record of each kind of refusals that were too many.
func (l *Log) keepDropped(ctx context.Context) {
	l.mu.Lock()
	dropped := l.dropped
	l.dropped = map[string]int{}
	l.mu.Unlock()
	for action, n := range dropped {
		l.keep(ctx, auth.Event{Action: action, Result: auth.Refused, Detail: fmt.Sprintf("%d more that are not kept one by one", n)})
	}
}

// settle forgets pending records that an earlier process had copied, but not
// noted as such when it was killed.
func (l *Log) settle(ctx context.Context) error {
	pending, err := l.opts.State.PendingAudit(ctx, copyRows)
	if err != nil || len(pending) == 0 {
		return err
	}
	first, last := pending[0].Time, pending[0].Time
	bodies := map[string]int64{}
	for _, r := range pending {
		bodies[r.Body] = r.Seq
		if r.Time.Before(first) {
			first = r.Time
		}
		if r.Time.After(last) {
			last = r.Time
		}
	}
	var upTo int64
	for r, err := range scan(ctx, l.opts.Source, model.RangeOf(first, last.Add(1))) {
		if err != nil {
			return err
		}
		upTo = max(upTo, bodies[r]) // they were copied in their order
	}
	return l.opts.State.SettleAudit(ctx, upTo)
}

// copy brings pending records into the event store.
func (l *Log) copy(ctx context.Context) error {
	for {
		pending, err := l.opts.State.PendingAudit(ctx, copyRows)
		if err != nil || len(pending) == 0 {
			return err
		}
		b := model.NewBuilder(model.Logs, len(pending))
		for _, r := range pending {
			b.Row(b.Stream(stream), r.Time.UnixNano(), r.Body)
			b.Attr("detected_level", model.String("info"))
		}
		if err := l.opts.Events.Append(ctx, b.Batch()); err != nil {
			return err
		}
		// Once they are in the store this must be noted, whoever stops now: a
		// second copy would do no harm but be one.
		if err := l.opts.State.SettleAudit(context.WithoutCancel(ctx), pending[len(pending)-1].Seq); err != nil {
			return err
		}
	}
}

// scan yields the bodies of audit records, oldest first.
func scan(ctx context.Context, src Source, r model.Range) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		where := storage.And{}
		for _, a := range stream.Attrs {
			where = append(where, storage.Compare{Field: storage.Field{Place: storage.Stream, Key: a.Key}, Op: storage.Eq, Value: a.Value})
		}
		for b, err := range src.Scan(ctx, storage.Scan{Signal: model.Logs, Range: r, Where: where, Project: &storage.Projection{Body: true}}) {
			if err != nil {
				yield("", err)
				return
			}
			for _, body := range b.Body {
				if !yield(body, nil) {
					return
				}
			}
		}
	}
}
