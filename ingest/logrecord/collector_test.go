package logrecord_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A busyStore cannot take more for a while.
type busyStore struct {
	*logrecordtest.Store
	until time.Time
	asked int
}

func (s *busyStore) Append(ctx context.Context, b *model.Batch) error {
	if s.asked++; time.Now().Before(s.until) {
		return fmt.Errorf("append: %w", storage.ErrBusy)
	}
	return s.Store.Append(ctx, b)
}

func collector(s *busyStore) *logrecord.Collector {
	o := s.Options()
	o.Events = s
	return logrecord.NewCollector(logrecord.NewSink("test", o))
}

func TestABusyStoreIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &busyStore{Store: logrecordtest.New(), until: time.Now().Add(time.Minute)}
		c := collector(s)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Store(ctx)
		}()
		const rows = 50_000 // more than two batches: those who add wait too
		for i := range rows {
			c.Add(&logrecord.Record{Time: int64(i + 1), Body: "l"}, 1, true)
		}
		require.False(t, time.Now().Before(s.until))
		synctest.Wait()
		cancel()
		<-done
		c.Flush(t.Context())
		require.NoError(t, c.Err())
		require.Empty(t, s.Refused())
		require.Len(t, s.Rows(t), rows)
	})
}

func TestABusyStoreIsNotWaitedForAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &busyStore{Store: logrecordtest.New(), until: time.Now().Add(time.Hour)}
		c := collector(s)
		c.Add(&logrecord.Record{Body: "l"}, 1, true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.Flush(ctx)
		require.ErrorIs(t, c.Err(), storage.ErrBusy)
		require.Greater(t, s.asked, 5)
		require.Equal(t, map[string]int64{ingest.ReasonOverload: 1}, s.Refused())
	})
}
