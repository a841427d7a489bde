package scope

import (
	"context"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Follower shows log records as they are stored. tap.Tap implements it; see
// lokiapi.Feed.
type Follower interface {
	Follow(ctx context.Context, wants func(*model.Stream) bool) <-chan storage.Arrival
}

// Feed returns f as the identity of each call's context sees it.
func Feed(f Follower) Follower { return feed{f} }

type feed struct{ f Follower }

// Follow implements Follower.
func (f feed) Follow(ctx context.Context, wants func(*model.Stream) bool) <-chan storage.Arrival {
	where := Where(ctx, model.Logs, nil)
	if where == nil {
		return f.f.Follow(ctx, wants)
	}
	m, hides := storage.NewMatcher(where), hidesTenant(ctx)
	arrivals := f.f.Follow(ctx, func(s *model.Stream) bool {
		// A batch of one row of the stream: selectors are about nothing else.
		row := &model.Batch{Signal: model.Logs, Streams: []*model.Stream{s}, StreamOf: []uint32{0}, Time: []int64{0}}
		if !m.Keep(row, 0) {
			return false
		}
		if hides {
			s = hider{}.stream(s)
		}
		return wants(s)
	})
	if !hides {
		return arrivals
	}
	out := make(chan storage.Arrival)
	go func() {
		defer close(out)
		for a := range arrivals { // which ends with ctx
			select {
			case out <- shownArrival(a):
			case <-ctx.Done():
			}
		}
	}()
	return out
}

// shownArrival returns a without the tenant's label.
func shownArrival(a storage.Arrival) storage.Arrival {
	hide := hider{}
	if a.Batch != nil {
		b := *a.Batch
		b.Streams = hide.streams(b.Streams)
		a.Batch = &b
	}
	missed := make([]storage.MissedRow, len(a.Missed))
	for i, row := range a.Missed {
		missed[i] = storage.MissedRow{Stream: hide.stream(row.Stream), Time: row.Time}
	}
	a.Missed = missed
	return a
}
