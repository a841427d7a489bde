package event

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// rowsOfDays appends a row of each app for each of so many days before end, and
// flushes them.
func rowsOfDays(t *testing.T, s *Store, end time.Time, days int, apps ...string) {
	t.Helper()
	for d := range days {
		bd := model.NewBuilder(model.Logs, len(apps))
		for _, app := range apps {
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
			bd.Row(st, end.AddDate(0, 0, d-days).UnixNano(), fmt.Sprint(app, d))
		}
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
	}
}

func TestRetentionByStream(t *testing.T) {
	day := 24 * time.Hour
	disk := vfs.NewMem()
	cfg := tinyConfig(disk)
	cfg.Retention = Duration(2 * day)
	cfg.Streams = []StreamRetention{
		{Where: appIs("a"), Period: Duration(4 * day)},
		{Where: appIs("b"), Period: Duration(day)},
		{Where: appIs("a"), Period: Duration(time.Hour)}, // the first that fits counts
	}
	s, err := openTiny(disk)
	require.NoError(t, err)
	tb := s.tables[0]
	tb.cfg = cfg
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	rowsOfDays(t, s, now, 6, "a", "b", "c") // day 5 is 2026-11-19
	want := func(ids ...string) {
		t.Helper()
		got := map[string]int{}
		for _, id := range ids {
			got[id] = 1
		}
		require.Equal(t, got, present(t, s))
	}
	tb.expire(now)
	want("a2", "b5", "a3", "a4", "c4", "a5", "c5")
	require.Len(t, partNames(t, disk), 4, "days that no stream keeps are dropped")
	require.Equal(t, []string{"a", "c", "b"}, streamNames(t, s))
	require.Equal(t, tb.limits, tb.retentionAt(now), "the same hidings, by address")
	require.NoError(t, s.Append(t.Context(), func() *model.Batch {
		bd := model.NewBuilder(model.Logs, 1)
		bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("b")}}}), now.AddDate(0, 0, -3).UnixNano(), "late")
		return bd.Batch()
	}()))
	want("a2", "b5", "a3", "a4", "c4", "a5", "c5")

	require.NoError(t, s.Flush(t.Context()))
	require.NoError(t, s.Merge(t.Context()))
	want("a2", "b5", "a3", "a4", "c4", "a5", "c5")
	require.EqualValues(t, 7, s.Status(t.Context())[0].PartRows, "a part that lost a good share was written anew")
	require.NoError(t, s.Close())
}

func TestRetentionBySize(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	rowsOfDays(t, s, now, 6, "a", "b")
	require.NoError(t, s.Append(t.Context(), spanBatch(3))) // of 2023
	require.NoError(t, s.Flush(t.Context()))
	require.Len(t, present(t, s), 12)
	s.trim()
	require.Len(t, present(t, s), 12, "0 means no limit")
	logs, spans := s.Status(t.Context())[0], s.Status(t.Context())[1]
	limit := func(n int64) {
		for _, tb := range s.tables {
			tb.cfg.MaxBytes = n
		}
		s.trim()
	}
	limit(logs.PartBytes + spans.PartBytes)
	require.Len(t, present(t, s), 12)
	limit(logs.PartBytes + spans.PartBytes - 1)
	require.Zero(t, s.Status(t.Context())[1].Parts, "the oldest day is that of the spans")
	require.Len(t, present(t, s), 12)
	limit(logs.PartBytes / 2)
	got := present(t, s)
	require.Less(t, len(got), 8)
	require.Contains(t, got, "a5")
	require.NotContains(t, got, "a2")
	limit(1)
	require.Empty(t, present(t, s))
	require.NoError(t, s.Append(t.Context(), batchOf(rand.New(rand.NewPCG(1, 1)), []string{"a"})))
	require.Len(t, present(t, s), 1, "heads do not count")
	require.NoError(t, s.Close())
}

func TestWhatARetentionDeletesIsCountedBefore(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	now, day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), 24*time.Hour
	rowsOfDays(t, s, now, 6, "a", "b")
	require.Zero(t, s.Aged(model.Logs, 0, now), "0 keeps all")
	require.Zero(t, s.Aged(model.Spans, day, now))
	old := s.Aged(model.Logs, 2*day, now)
	require.Equal(t, 4, old.Files)
	require.EqualValues(t, 8, old.Rows)
	require.Positive(t, old.Bytes)
	require.Equal(t, now.Add(-2*day), old.Before)

	s.SetRetention(model.Spans, day)
	s.tables[0].expire(now)
	require.Len(t, present(t, s), 12, "the other signal is kept as before")
	s.SetRetention(model.Logs, 2*day)
	s.tables[0].expire(now)
	require.Len(t, present(t, s), 4)
	require.Zero(t, s.Aged(model.Logs, 2*day, now))
	require.NoError(t, s.Close())
}
