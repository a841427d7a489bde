package event

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

func TestAHeadIsFlushedSoonIfThatMakesSearchingFaster(t *testing.T) {
	const idle = 30 * time.Second
	for _, tt := range []struct {
		name  string
		rows  int
		since time.Duration // the last write
		worth time.Duration // since there are many rows
		want  bool
	}{
		{"no rows", 0, time.Hour, 0, false},
		{"few rows, just written", 10, quickIdle, 0, false},
		{"few rows, idle for long", 10, idle, 0, true},
		{"many rows, writes go on", quickRows, 0, quickAge / 2, false},
		{"many rows, writes have stopped", quickRows, quickIdle, quickIdle, true},
		{"many rows for long, though writes go on", quickRows, 0, quickAge, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := tinyConfig(vfs.NewMem())
			cfg.FlushRows, cfg.FlushIdle = 1<<20, Duration(idle)
			s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			require.NoError(t, err)
			defer s.Close()
			if tt.rows > 0 {
				bd := model.NewBuilder(model.Logs, tt.rows)
				st := bd.Stream(&model.Stream{})
				for range tt.rows {
					bd.Row(st, someDay, "line")
				}
				require.NoError(t, s.Append(t.Context(), bd.Batch()))
			}
			tab := s.tables[0]
			now := time.Now().Add(time.Minute)
			tab.lastWrite = now.Add(-tt.since)
			if !tab.worthSince.IsZero() {
				tab.worthSince = now.Add(-tt.worth)
			}
			require.Equal(t, tt.want, tab.due(now))
		})
	}
}
