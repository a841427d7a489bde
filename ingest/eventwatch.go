package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Events returns next with an account of what comes to it, by source.
func (a *Account) Events(next EventWriter) EventWriter {
	if a == nil {
		return next
	}
	return &watchedEvents{next, a}
}

type watchedEvents struct {
	next    EventWriter
	account *Account
}

// Append implements EventWriter.
func (w *watchedEvents) Append(ctx context.Context, b *model.Batch) error {
	x, now := arrivalOf(ctx), time.Now()
	tallies := w.tallies(x.protocol, tenantOf(ctx), b, now) // the batch is given away with the call
	err := w.next.Append(ctx, b)
	if errors.Is(err, storage.ErrBusy) {
		return err // it may be given again; whether it is refused is for the receiver to say
	}
	for i := range tallies {
		if t := &tallies[i]; err != nil {
			t.refuse(ReasonOf(err), t.rows, err.Error)
			t.rows = 0
		}
	}
	w.account.enter(x, tallies, now)
	return err
}

// tallies counts the rows of b by their services.
func (w *watchedEvents) tallies(protocol, tenant string, b *model.Batch, now time.Time) (all []tally) {
	type ofStream struct{ rows, newest int64 }
	streams := make([]ofStream, len(b.Streams))
	for i, at := range b.StreamOf {
		t := b.Time[i]
		if b.Spans != nil {
			t += b.Spans.Duration[i]
		}
		s := &streams[at]
		s.rows++
		s.newest = max(s.newest, t)
	}
	longest := 0
	if b.Signal == model.Logs {
		for _, line := range b.Body {
			longest = max(longest, len(line))
		}
		w.account.longestLine.raise(int64(longest))
	}
	byService := map[string]int{} // in all
	for i, s := range b.Streams {
		if streams[i].rows == 0 {
			continue
		}
		service := ServiceOf(b.Signal, s)
		at, known := byService[service]
		if !known {
			at = len(all)
			byService[service] = at
			all = append(all, tally{source: w.account.sources.find(sourceKey{b.Signal.String(), protocol, tenant, service}, now)})
		}
		t := &all[at]
		t.rows += streams[i].rows
		t.newest = max(t.newest, streams[i].newest/int64(time.Millisecond))
	}
	return all
}
