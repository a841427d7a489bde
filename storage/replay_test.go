package storage_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage"
)

func TestAReplayTellsHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, at := &storage.Replay{}, 1
		require.Equal(t, storage.ReplayStatus{State: storage.ReplayWaiting}, r.Status())
		r.Begin(func() (int, int) { return at, 3 })
		time.Sleep(2 * time.Second) // of the bubble's clock
		at = 2
		r.Damage()
		require.Equal(t, storage.ReplayStatus{State: storage.ReplayRunning, Segment: 2, Segments: 3, Seconds: 2, Damaged: 1}, r.Status())
		r.End()
		time.Sleep(time.Hour)
		require.Equal(t, storage.ReplayStatus{State: storage.ReplayDone, Segment: 3, Segments: 3, Seconds: 2, Damaged: 1}, r.Status())
	})
	var none *storage.Replay
	none.Begin(nil)
	none.Damage()
	none.End()
}
