package tap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/tap"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batch has n lines of each of the apps.
func batch(n int, apps ...string) *model.Batch {
	bd := model.NewBuilder(model.Logs, n*len(apps))
	for _, app := range apps {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
		for i := range n {
			bd.Row(st, int64(i), fmt.Sprint(app, " ", i))
			bd.Attr("n", model.Int(int64(i)))
		}
	}
	return bd.Batch()
}

func wants(apps ...string) func(*model.Stream) bool {
	return func(s *model.Stream) bool {
		for _, app := range apps {
			if s.Attr("app").Text() == app {
				return true
			}
		}
		return false
	}
}

func TestFollowersGetWhatIsStoredOfTheirStreams(t *testing.T) {
	store := &storagetest.Memory{}
	tp := tap.New(store, prometheus.NewRegistry())
	require.NoError(t, tp.Append(t.Context(), batch(1, "a"))) // before anybody follows

	ctx, cancel := context.WithCancel(t.Context())
	all, onlyB := tp.Follow(ctx, wants("a", "b")), tp.Follow(ctx, wants("b"))
	require.NoError(t, tp.Append(ctx, batch(2, "a")))
	require.NoError(t, tp.Append(ctx, batch(3, "a", "b")))
	cancel()

	var rows []int
	for a := range all {
		require.Zero(t, a.MissedCount)
		rows = append(rows, a.Batch.Len())
	}
	require.Equal(t, []int{2, 6}, rows)
	got := <-onlyB
	require.Equal(t, []uint32{3, 4, 5}, got.Rows)
	require.Equal(t, "b 2", got.Batch.Body[5])
	require.Equal(t, "2", got.Batch.Attr(5, "n").Text())
	_, more := <-onlyB
	require.False(t, more)
}

func TestWhatIsNotStoredIsNotShown(t *testing.T) {
	full := errors.New("disk full")
	tp := tap.New(writer(func(context.Context, *model.Batch) error { return full }), prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	arrivals := tp.Follow(ctx, wants("a"))
	require.ErrorIs(t, tp.Append(ctx, batch(1, "a")), full)
	cancel()
	for range arrivals {
		t.Fatal("a batch that was not stored has been shown")
	}
}

// The store may do with a batch what it likes.
func TestFollowersHaveACopy(t *testing.T) {
	tp := tap.New(writer(func(_ context.Context, b *model.Batch) error {
		clear(b.Time)
		clear(b.Body)
		clear(b.StreamOf)
		clear(b.Streams)
		for _, c := range b.Attrs {
			clear(c.Vals)
			clear(c.Rows)
		}
		return nil
	}), prometheus.NewRegistry())
	arrivals := tp.Follow(t.Context(), wants("a"))
	require.NoError(t, tp.Append(t.Context(), batch(3, "a")))
	require.Equal(t, batch(3, "a"), (<-arrivals).Batch)
}

// A batch that nobody followed when it came may become visible in the store after
// somebody began to follow: whoever asks the store then must find it there.
func TestWhatWasOnItsWayIsStoredWhenFollowReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, write := &storagetest.Memory{}, make(chan struct{})
		tp := tap.New(writer(func(ctx context.Context, b *model.Batch) error {
			<-write
			return store.Append(ctx, b)
		}), prometheus.NewRegistry())
		ctx, cancel := context.WithCancel(t.Context())
		backlog := func() (rows int) {
			for b, err := range store.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
				require.NoError(t, err)
				rows += b.Len()
			}
			return rows
		}
		var wg sync.WaitGroup
		for range 2 { // and who comes while another waits, waits too
			wg.Go(func() {
				if err := tp.Append(t.Context(), batch(3, "a")); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			wg.Go(func() {
				arrivals := tp.Follow(ctx, wants("a"))
				rows := backlog()
				for a := range arrivals {
					rows += a.Batch.Len()
				}
				if rows < 6 {
					t.Errorf("%d of 6 lines are in the backlog or among the arrivals", rows)
				}
			})
			synctest.Wait()
		}
		close(write)
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

func TestFollowingGivesUpItsWaitWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		write := make(chan struct{})
		tp := tap.New(writer(func(context.Context, *model.Batch) error {
			<-write
			return nil
		}), prometheus.NewRegistry())
		go func() { _ = tp.Append(t.Context(), batch(1, "a")) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range tp.Follow(ctx, wants("a")) {
			t.Error("nothing was stored")
		}
		close(write)
	})
}

func TestSpansAreNotShown(t *testing.T) {
	tp := tap.New(writer(func(context.Context, *model.Batch) error { return nil }), prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	arrivals := tp.Follow(ctx, func(*model.Stream) bool { return true })
	b := batch(1, "a")
	b.Signal = model.Spans
	require.NoError(t, tp.Append(ctx, b))
	cancel()
	require.Empty(t, arrivals)
}

func TestSlowFollowersAreToldWhatTheyMissed(t *testing.T) {
	const batches, lines = 1000, 1000
	tp := tap.New(writer(func(context.Context, *model.Batch) error { return nil }), prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	arrivals := tp.Follow(ctx, wants("a"))
	for range batches {
		require.NoError(t, tp.Append(ctx, batch(lines, "a", "b")))
	}
	got, missed := int64(0), int64(0)
	take := func(a storage.Arrival) {
		if a.Batch != nil {
			got += int64(len(a.Rows))
		}
		missed += a.MissedCount
		require.LessOrEqual(t, len(a.Missed), storage.MaxMissed)
		for _, m := range a.Missed {
			require.Equal(t, "a", m.Stream.Attr("app").Text())
		}
	}
	for len(arrivals) > 0 {
		take(<-arrivals)
	}
	require.Positive(t, got)
	// The next batch says what is missing before it.
	require.NoError(t, tp.Append(ctx, batch(lines, "a", "b")))
	cancel()
	for a := range arrivals {
		take(a)
	}
	require.Positive(t, missed)
	require.EqualValues(t, (batches+1)*lines, got+missed)
}

// A follower that takes one batch for each that comes is not too slow, though
// it always has some to take.
func TestWhatFollowersHaveTakenDoesNotCount(t *testing.T) {
	tp := tap.New(writer(func(context.Context, *model.Batch) error { return nil }), prometheus.NewRegistry())
	arrivals := tp.Follow(t.Context(), wants("a", "b"))
	require.NoError(t, tp.Append(t.Context(), batch(1000, "b", "c", "a")))
	for range 200 {
		require.NoError(t, tp.Append(t.Context(), batch(1000, "b", "c", "a")))
		got := <-arrivals
		require.Zero(t, got.MissedCount)
		require.Len(t, got.Rows, 2000)
		require.True(t, slices.IsSorted(got.Rows))
	}
}

// More streams than are remembered cost time only.
func TestNoStreamIsForgotten(t *testing.T) {
	tp := tap.New(writer(func(context.Context, *model.Batch) error { return nil }), prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	arrivals := tp.Follow(ctx, func(*model.Stream) bool { return true })
	apps := make([]string, 60_000)
	for round := range 2 {
		for i := range apps {
			apps[i] = fmt.Sprint(round, "-", i)
		}
		require.NoError(t, tp.Append(ctx, batch(1, apps...)))
	}
	for range 3 { // until there is no room, with the streams known and forgotten in turn
		require.NoError(t, tp.Append(ctx, batch(1, append(apps, "extra")...)))
	}
	for i := range apps {
		apps[i] = fmt.Sprint("new-", i)
	}
	require.NoError(t, tp.Append(ctx, batch(1, apps...)))
	cancel()
	var got, missed int64
	for a := range arrivals {
		missed += a.MissedCount
		if a.Batch != nil {
			require.Nil(t, a.Rows)
			got += int64(a.Batch.Len())
		}
	}
	require.Positive(t, missed)
	require.EqualValues(t, 6*60_000+3, got+missed)
}

func TestFollowersComeAndGoWhileBatchesComeIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tp := tap.New(&storagetest.Memory{}, prometheus.NewRegistry())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					if err := tp.Append(t.Context(), batch(1, "a", "b")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			arrivals := tp.Follow(ctx, wants("b"))
			wg.Go(func() {
				for a := range arrivals {
					if a.MissedCount > 0 {
						t.Errorf("%d rows missed", a.MissedCount)
					}
				}
			})
			synctest.Wait()
			cancel()
		}
		wg.Wait()
	})
}

type writer func(context.Context, *model.Batch) error

func (w writer) Append(ctx context.Context, b *model.Batch) error { return w(ctx, b) }
