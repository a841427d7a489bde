package query_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
)

func TestAQueryOverItsBudgetOfBytesSaysWhatToRaise(t *testing.T) {
	cfg := event.DefaultConfig()
	cfg.Dir, cfg.Retention = t.TempDir(), 0
	s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	const lines = 20_000
	bd := model.NewBuilder(model.Logs, lines)
	st := bd.Stream(&model.Stream{})
	for i := range lines {
		bd.Row(st, int64(i), strings.Repeat("x", 50))
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.NoError(t, s.Flush(t.Context()))

	scan := storage.Scan{Signal: model.Logs, Range: model.AllTime()}
	count := storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), By: []storage.Field{{Place: storage.Body}}}
	ask := func(maxBytes int64) (rows int, scanErr, countErr error) {
		src := query.WithBudget(s, query.Limits{MaxBytes: maxBytes})
		for b, err := range src.Scan(t.Context(), scan) {
			if scanErr = err; err == nil {
				rows += b.Len()
			}
		}
		_, countErr = src.Aggregate(t.Context(), count)
		return rows, scanErr, countErr
	}

	for _, enough := range []int64{0, 1 << 30} {
		rows, scanErr, countErr := ask(enough)
		require.Equal(t, lines, rows)
		require.NoError(t, scanErr)
		require.NoError(t, countErr)
	}
	rows, scanErr, countErr := ask(100_000)
	require.Less(t, rows, lines)
	for _, err := range []error{scanErr, countErr} {
		require.ErrorIs(t, err, fault.ErrLimit)
		require.ErrorContains(t, err, "query.max_bytes")
	}
}
