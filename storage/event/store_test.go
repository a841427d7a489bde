package event_test

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, cfg event.Config) *event.Store {
	t.Helper()
	s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// config returns one that flushes only when told to.
func config(dir string, fsys vfs.FS) event.Config {
	cfg := event.DefaultConfig()
	cfg.Dir, cfg.FS, cfg.Retention = dir, fsys, 0
	return cfg
}

func TestStoreConforms(t *testing.T) {
	reopen := func(t *testing.T, s storagetest.Store) storagetest.Store {
		require.NoError(t, s.(*testStore).Close())
		cfg := s.(*testStore).cfg
		return &testStore{open(t, cfg), cfg}
	}
	flush := func(t *testing.T, s storagetest.Store) storagetest.Store {
		require.NoError(t, s.(*testStore).Flush(t.Context()))
		return s
	}
	for name, settle := range map[string]func(*testing.T, storagetest.Store) storagetest.Store{
		"head": nil, "parts": flush, "replayed": reopen,
		"reopened parts": func(t *testing.T, s storagetest.Store) storagetest.Store { return reopen(t, flush(t, s)) },
	} {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Store {
				cfg := config(t.TempDir(), nil)
				return &testStore{open(t, cfg), cfg}
			}, settle)
		})
	}
}

type testStore struct {
	*event.Store
	cfg event.Config
}

// A bug in evaluating one query must not end the process, as a panic in a
// goroutine would.
func TestAPanicWhileDecodingReachesTheScansOwnGoroutine(t *testing.T) {
	s := open(t, config(t.TempDir(), nil))
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{}), 1, "line")
	bd.Attr("k", model.String("v"))
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	noRegexp := storage.Match{Field: storage.Field{Place: storage.Attr, Key: "k"}}
	require.Panics(t, func() {
		for range s.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime(), Where: noRegexp}) {
			t.Error("a row of a scan that cannot be evaluated")
		}
	})
	require.Len(t, storagetest.Rows(t, s, storage.Scan{Signal: model.Logs, Range: model.AllTime()}), 1, "the store goes on")
}
