package metric

import (
	"syscall"
	"testing"
	"time"

	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage"
)

// fullDisk fails to commit.
type fullDisk struct{ promstorage.AppenderV2 }

func (f fullDisk) Commit() error {
	_ = f.Rollback()
	return syscall.ENOSPC
}

func TestNothingIsAcknowledgedAfterTheWALFailed(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	now := time.Now().UnixMilli()
	write(t, s, up, now, 1)
	require.NoError(t, s.ReadOnly())

	app := s.AppenderV2(t.Context()).(*appender)
	app.app = fullDisk{app.app}
	_, err := app.Append(0, up, 0, now+1, 2, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	err = app.Commit()
	require.ErrorIs(t, err, storage.ErrReadOnly)
	require.ErrorIs(t, err, syscall.ENOSPC)

	// The disk has room again, but the WAL may be torn.
	next := s.AppenderV2(t.Context())
	_, err = next.Append(0, up, 0, now+2, 3, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.ErrorIs(t, next.Commit(), storage.ErrReadOnly)
	old := s.Appender(t.Context())
	_, err = old.Append(0, up, now+3, 4)
	require.NoError(t, err)
	require.ErrorIs(t, old.Commit(), storage.ErrReadOnly)
	require.ErrorIs(t, s.ReadOnly(), storage.ErrReadOnly)
	require.Equal(t, []float64{1}, read(t, s)["up"], "queries go on")
	require.NoError(t, s.Close())

	s = openIn(t, dir)
	write(t, s, up, now+4, 5)
	require.Equal(t, []float64{1, 5}, read(t, s)["up"])
	require.NoError(t, s.Close())
}
