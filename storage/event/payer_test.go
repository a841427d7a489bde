package event

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// Nothing is flushed here, so that what waits for its flush goes on waiting.
func TestWhoFillsMemoryLeavesRoomToOthers(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	full := s.tables[0].cfg.FlushRows
	write := func(tenant string, rows int) error {
		bd := model.NewBuilder(model.Logs, rows)
		st := bd.Stream(&model.Stream{})
		for range rows {
			bd.Row(st, 1, "x")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if tenant != "" {
			ctx = auth.With(ctx, auth.Own(tenant))
		}
		return s.Append(ctx, bd.Batch())
	}
	require.NoError(t, write("noisy", full)) // a head that waits
	require.NoError(t, write("", 1))
	require.NoError(t, write("noisy", 1), "nobody else writes but the process")
	require.NoError(t, write("quiet", 1))
	require.ErrorIs(t, write("noisy", 1), context.DeadlineExceeded)
	require.NoError(t, write("quiet", 1))
	require.NoError(t, write("", full), "and now there are two")
	require.ErrorIs(t, write("quiet", 1), context.DeadlineExceeded)
}

func TestWhoWaitsForTheDiskHasNoTurn(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	g := fair.NewBrief(1)
	ctx, pass := g.Issue(t.Context(), "a")
	require.NoError(t, fair.Begin(ctx))
	s.tables[0].commitMu.Lock() // as the disk does
	done := make(chan error, 1)
	go func() {
		bd := model.NewBuilder(model.Logs, 1)
		bd.Row(bd.Stream(&model.Stream{}), 1, "x")
		done <- s.Append(ctx, bd.Batch())
	}()
	require.NoError(t, g.Enter(t.Context(), "b"), "before it is written")
	s.tables[0].commitMu.Unlock()
	require.NoError(t, <-done)
	g.Leave(t.Context(), "b")
	pass.End()
	_, taken := g.Waiting()
	require.Zero(t, taken)
}
